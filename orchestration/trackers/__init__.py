"""Experiment trackers as followers of the event log: MLflow, Weights & Biases and OpenTelemetry.

Each is an optional package, imported when it is chosen. They draw what `projections` knows.
"""
