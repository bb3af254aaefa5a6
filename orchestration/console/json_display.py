"""The display for programs: one JSON object a line for each event, calls included."""

import sys
from typing import TextIO

import orjson

from ...storage.event import Event
from .base import Display
from .visible import visible


class JsonDisplay(Display):
    """Writes each event as one line to `stream` (standard output by default) and flushes it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def apply(self, event: Event) -> None:
        """Write one line."""
        self._stream.write(json_line(event) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Write nothing: the line of run.finished holds the result."""


def json_line(event: Event) -> str:
    """Return an event as JSON.

    `time` is ISO 8601 in UTC. `message` holds the stored JSON, or null if it was redacted. Characters that a
    terminal would obey, or would not show, are escaped.
    """
    line = orjson.dumps(
        {
            "seq": event.seq,
            "run": event.run,
            "version": event.version,
            "time": event.time.isoformat(timespec="microseconds"),
            "kind": event.kind,
            "sender": event.sender,
            "recipients": event.recipients,
            "cause": event.cause,
            "message": orjson.Fragment(event.data or b"null"),
        }
    )
    # The JSON of a forged log may be neither UTF-8 nor a single line.
    return visible(line.decode(errors="replace").replace("\n", " "))
