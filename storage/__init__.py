"""The ground floor: an append-only log of events. Knows nothing of agents or prompts."""
