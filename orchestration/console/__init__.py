"""Displays of a run: live at a terminal, plain lines for a pipe, one line or JSON object for each event."""
