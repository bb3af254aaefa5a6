"""A position in a run, and the ways to another one: steps, jumps, search, and playback at a chosen speed."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from ..console.selection import Selection
from ..projections.run_state import RunState
from ..projections.timeline import Timeline, TimelineEntry

STAGES = {"stage.started"}
PROMOTIONS = {"prompt.promoted"}
ERRORS = {"call.failed", "run.failed", "handler.failed", "reply.unparsed", "budget.exhausted"}
VERDICT = {"run.finished", "target.finished", "targets.finished"}
SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Speeds of the playback, as multiples of the run's own speed."""
_LONGEST_PAUSE = 1.0
"""Maximum number of seconds between two messages during playback, however long the run took."""


class Player:
    """A position among the messages of a run. Steps visit only selected messages; jumps go anywhere."""

    def __init__(self, timeline: Timeline, selection: Selection, *, speed: float = 1.0) -> None:
        self.timeline = timeline
        self.selection = selection
        self.speed = speed
        self.at = 0
        """Index of the position among the entries of the timeline."""
        self.pinned = False
        """True if the position stays at the end while more messages are read."""

    @property
    def now(self) -> TimelineEntry | None:
        """Return the message at this position; None before anything has been read."""
        entries = self.timeline.entries
        return entries[self.at] if entries else None

    def view(self) -> RunState:
        """Return the state of the run at this position."""
        now = self.now
        seq = 0 if now is None else self.timeline.last if self._is_last else now.event.seq
        return self.timeline.view_at(seq)

    @property
    def _is_last(self) -> bool:
        return self.at == len(self.timeline.entries) - 1

    def shows(self, entry: TimelineEntry) -> bool:
        """Return whether a message is selected."""
        return self.selection.holds(entry.event, entry.stage, entry.module)

    def backwards(self) -> Iterator[TimelineEntry]:
        """Yield the message at this position and the selected ones before it, newest first."""
        now = self.now
        for index in range(self.at if now else -1, -1, -1):
            entry = self.timeline.entries[index]
            if entry is now or self.shows(entry):
                yield entry

    def read_on(self) -> None:
        """Move to the new end if the position is pinned there; call this after reading more of the run."""
        if self.pinned and self.timeline.entries:
            self.at = len(self.timeline.entries) - 1

    def step(self, direction: int) -> bool:
        """Go to the next selected message, or with -1 to the previous one; return False if there is none."""
        return self._move(self._seek(direction, self.shows))

    def start(self) -> None:
        """Go to the first message."""
        self.at, self.pinned = 0, False

    def end(self) -> None:
        """Go to the last message, and stay at the end while more is read."""
        self.pinned = True
        self.read_on()

    def jump(self, kinds: Collection[str], direction: int) -> bool:
        """Go to the next message of `kinds`, whether selected or not; return False if there is none."""
        return self._move(self._seek(direction, lambda entry: entry.event.kind in kinds))

    def find(self, pattern: re.Pattern[str], direction: int) -> bool:
        """Go to the next selected message that contains `pattern`; return False if there is none."""
        matching = replace(self.selection, pattern=pattern)
        return self._move(
            self._seek(
                direction,
                lambda entry: self.shows(entry) and matching.holds(entry.event, entry.stage, entry.module),
            )
        )

    def go_to(self, seq: int) -> None:
        """Go to the last message up to `seq`."""
        entries = self.timeline.entries
        self.at = max((i for i, entry in enumerate(entries) if entry.event.seq <= seq), default=0)
        self.pinned = False

    def only(self, role: str | None) -> None:
        """Select the messages that `role` sends or receives; None selects those of all roles."""
        self.selection = replace(self.selection, roles=(role,) if role else ())

    def roles(self) -> list[str]:
        """Return the short names of all senders and recipients so far, sorted."""
        agents = {
            agent
            for entry in self.timeline.entries
            for agent in (entry.event.sender, *entry.event.recipients)
        }
        return sorted({agent.partition("/")[0] for agent in agents})

    def faster(self, steps: int) -> None:
        """Change the speed by that many places in `SPEEDS`; negative steps make it slower."""
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.speed = SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)]

    def pause(self) -> float | None:
        """Return the seconds until the next message during playback; None at the end."""
        index = self._seek(1, self.shows)
        if index is None or (now := self.now) is None:
            return None
        between = max(self.timeline.entries[index].event.at - now.event.at, 0) / 1e6
        return min(between / self.speed, _LONGEST_PAUSE)

    def _move(self, index: int | None) -> bool:
        if index is None:
            return False
        self.at, self.pinned = index, False
        return True

    def _seek(self, direction: int, condition: Callable[[TimelineEntry], bool]) -> int | None:
        entries = self.timeline.entries
        places = range(self.at + 1, len(entries)) if direction > 0 else range(self.at - 1, -1, -1)
        return next((index for index in places if condition(entries[index])), None)
