"""SQL tables computed from the event log."""
