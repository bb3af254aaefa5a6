"""The display for log files and grep: one line for each event, calls included."""

import sys
from typing import TextIO

from ...storage.event import Event
from .base import Display
from .lines import message_of, wording


class LogDisplay(Display):
    """Writes to `stream` (standard output unless given), each line flushed as it comes; no line is cut."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def feed(self, event: Event) -> None:
        """Write one line."""
        self._stream.write(log_line(event) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is left to say."""


def log_line(event: Event) -> str:
    """Time in UTC, seq, kind, sender, recipients, and what it means in words."""
    to = ",".join(event.recipients) or "all"
    time = event.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{time} {event.seq} {event.kind} {event.sender} -> {to}: {wording(event, message_of(event))}"
