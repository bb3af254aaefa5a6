"""Event log in PostgreSQL."""
