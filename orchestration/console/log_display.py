"""The display for log files and grep: one line for each event, calls included."""

import sys
from typing import TextIO

from ...storage.event import Event
from ..projections.decoding import any_message
from .base import Display
from .lines import wording
from .visible import one_line


class LogDisplay(Display):
    """Writes each event as one uncut line to `stream` (standard output by default) and flushes it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def apply(self, event: Event) -> None:
        """Write one line."""
        self._stream.write(log_line(event) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Write nothing: every event has its line."""


def log_line(event: Event) -> str:
    """Return the time in UTC, seq, kind, sender, recipients and meaning of an event."""
    to = ",".join(event.recipients) or "all"
    time = event.time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return one_line(
        f"{time} {event.seq} {event.kind} {event.sender} -> {to}: {wording(event, any_message(event))}"
    )
