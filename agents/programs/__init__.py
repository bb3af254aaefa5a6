"""Programs: systems of several model calls, whose named texts are optimised together."""
