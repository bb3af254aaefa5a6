"""The messages of a run in their order, and the state of the run after each of them."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...agents.call_events import CALL_KINDS
from ...agents.messages import Message
from ...storage.event import Event
from ...storage.reader import Reader
from .call_modules import CallModules
from .decoding import any_message, readable
from .event_stage import EventStage
from .run_state import RunState
from .snapshots import Snapshots

_SNAPSHOT_GAP = 1000
"""Events between two snapshots: the maximum number that is read again to go back."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A message of the conversation; `message` is None if it is redacted or cannot be read here."""

    event: Event
    message: Message | None
    stage: str | None
    module: str | None = None
    """Module of a program's call."""


class Timeline:
    """A run as far as it has been read. Calls, nearly all of a log, are kept only if `calls` is true."""

    def __init__(self, reader: Reader, run: str, *, to: int | None = None, calls: bool = False) -> None:
        self.reader, self.run = reader, run
        self.entries: list[TimelineEntry] = []
        self.last = 0
        """Seq of the last event that was read."""
        self.complete = False
        """True when the end of the log, or the event `to`, has been reached."""
        self._to, self._calls = to, calls
        self._source: Iterator[Event] = reader.read(run)
        self._stages = EventStage()
        self._modules = CallModules()
        self._end = RunState()
        self._snapshots = Snapshots()
        self._since_snapshot = 0
        self._shown = (0, RunState())

    def read(self, events: int) -> bool:
        """Read up to `events` further events; return False at the end of the log."""
        for _ in range(events):
            event = next(self._source, None)
            if event is None or (self._to is not None and event.seq > self._to):
                self.complete = True
                return False
            self.apply(event)
        return True

    def apply(self, event: Event) -> None:
        """Append the next event of the run."""
        message = readable(event)
        self._end.apply(event, message)
        self.last = event.seq
        module = self._modules.apply(event)
        if event.kind not in CALL_KINDS or self._calls:
            message = message or any_message(event)
            self.entries.append(TimelineEntry(event, message, self._stages.apply(event), module))
        self._since_snapshot += 1
        if self._since_snapshot >= _SNAPSHOT_GAP:
            self._since_snapshot = 0
            self._snapshots.put(event.seq, self._end)

    def view_at(self, seq: int) -> RunState:
        """Return the state after the event `seq`. The next call changes it, so it must not be kept."""
        at, view = self._shown
        if seq < at or seq - at > _SNAPSHOT_GAP:
            nearest, copy = self._snapshots.before(seq)
            if seq < at or nearest > at:
                at, view = nearest, copy
        for event in self.reader.read(self.run, after=at):
            if event.seq > seq:
                break
            view.apply(event, readable(event))
        self._shown = (seq, view)
        return view
