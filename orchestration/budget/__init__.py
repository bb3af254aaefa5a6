"""Limits on calls, tokens, money and seconds."""
