"""The display for programs: one JSON object a line for every event, calls included."""

import sys
from typing import TextIO

import orjson

from ...storage.event import Event
from .base import Display


class JsonDisplay(Display):
    """Writes events to `stream` (standard output unless given), each line flushed as it comes."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def feed(self, event: Event) -> None:
        """Write one line."""
        self._stream.write(json_line(event) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is left to say: the result is in the run.finished line."""


def json_line(event: Event) -> str:
    """An event as JSON; `time` is ISO 8601 in UTC, and `message` holds the stored bytes as they are.

    It is null where the payload was redacted.
    """
    return orjson.dumps(
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
    ).decode()
