"""Running time of a run, computed from the times of its events."""

from ...agents.call_events import CALL_KINDS
from ...storage.event import Event
from ...storage.reader import Reader, RunSummary
from .run_status import NOTES

_MICROSECONDS = 1_000_000


class RunClock:
    """Sums the time between the events of a run.

    The pause before each `run.resumed` and the time of notes do not count: nothing ran then.
    """

    def __init__(self) -> None:
        self.first_at: int | None = None
        """Time of the first event in microseconds since 1970; None before it."""
        self.last_at = 0
        """Time of the last event that is not a note."""
        self._running = 0

    @property
    def seconds(self) -> float:
        """Running time so far."""
        return self._running / _MICROSECONDS

    def apply(self, event: Event) -> None:
        """Advance to the time of `event`."""
        if event.kind in NOTES:
            return
        if self.first_at is None:
            self.first_at = event.at
        elif event.kind != "run.resumed":
            self._running += event.at - self.last_at
        self.last_at = event.at


def running_seconds(reader: Reader, run: RunSummary) -> float:
    """Return what `RunClock` says of a whole run, reading only its resumptions."""
    clock = RunClock()
    clock.first_at = clock.last_at = run.first_at
    for resumed in reader.read(run.run, kinds=("run.resumed",), without=CALL_KINDS):
        if (before := last_before(reader, resumed)) is not None:
            clock.apply(before)
        clock.apply(resumed)
    last = reader.last(run.run)
    if last is not None and last.kind in NOTES:
        last = last_before(reader, last)
    if last is not None:
        clock.apply(last)
    return clock.seconds


def last_before(reader: Reader, event: Event) -> Event | None:
    """Return the last event before `event` that is not a note."""
    before = reader.before(event)
    while before is not None and before.kind in NOTES:
        before = reader.before(before)
    return before
