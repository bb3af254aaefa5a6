"""Displays of a run in a terminal, a pipe or a file."""
