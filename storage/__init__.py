"""Append-only event log, the lowest layer. It knows nothing of agents, prompts or messages."""
