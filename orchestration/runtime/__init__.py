"""Start, resume and replay runs over the event log."""
