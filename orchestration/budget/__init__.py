"""Limits on the calls, tokens, money and seconds of a run."""
