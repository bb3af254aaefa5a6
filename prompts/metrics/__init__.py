"""Metrics: the worth of one output for one example, as a value in [0, 1] with feedback in words."""
