"""The messages of a run in their order, and what the run looked like after any of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...agents.messages import Message
from ...storage.event import Event
from ...storage.reader import Reader
from .run_state import RunState, readable
from .snapshots import Snapshots

_APART = 1000
"""Events between two snapshots: so many have to be read again, at most, to go back."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A message of the conversation; `message` is None where it was redacted or cannot be read here."""

    event: Event
    message: Message | None
    stage: str | None


class Timeline:
    """A run as far as it was read. Calls are counted and not kept: they are nearly all of a log."""

    def __init__(self, reader: Reader, run: str, *, to: int | None = None) -> None:
        self.reader, self.run = reader, run
        self.told: list[TimelineEntry] = []
        self.last = 0
        """The seq up to which the log was read."""
        self.complete = False
        self._to = to
        self._source: Iterator[Event] = reader.read(run)
        self._end = RunState()
        self._snapshots = Snapshots()
        self._since = 0
        self._shown = (0, RunState())

    def read(self, events: int) -> bool:
        """Read on for so many events; False once the log is at its end."""
        for _ in range(events):
            event = next(self._source, None)
            if event is None or (self._to is not None and event.seq > self._to):
                self.complete = True
                return False
            self.take(event)
        return True

    def take(self, event: Event) -> None:
        """Take in the next event of the run."""
        message = readable(event)
        self._end.feed(event, message)
        self.last = event.seq
        if not event.kind.startswith("call.re") and event.kind != "call.finished":
            stage = getattr(message, "stage", None) or self._end.stage
            self.told.append(TimelineEntry(event, message, stage))
        self._since += 1
        if self._since >= _APART:
            self._since = 0
            self._snapshots.put(event.seq, self._end)

    def view_at(self, seq: int) -> RunState:
        """The run after the event `seq`. It changes with the next call: nobody should keep it."""
        at, view = self._shown
        if seq < at or seq - at > _APART:
            nearest, copy = self._snapshots.before(seq)
            if seq < at or nearest > at:
                at, view = nearest, copy
        for event in self.reader.read(self.run, after=at):
            if event.seq > seq:
                break
            view.feed(event, readable(event))
        self._shown = (seq, view)
        return view
