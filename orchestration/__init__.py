"""Runs: configuration, runtime, projections, displays and the command line."""
