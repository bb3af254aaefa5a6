"""The shapes of what commands print with --json, and their JSON schemas."""
