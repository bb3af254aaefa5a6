"""JSON schemas of command output."""
