"""Event log in SQLite."""
