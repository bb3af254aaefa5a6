"""Where one is in a run, and the ways to another place: steps, jumps, search, and playing at a pace."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from ..console.selection import Selection
from ..projections.run_state import RunState
from ..projections.timeline import Timeline, TimelineEntry

STAGES = {"stage.started"}
PROMOTIONS = {"prompt.promoted"}
ERRORS = {"call.failed", "run.failed", "handler.failed", "reply.unparsed", "budget.exhausted"}
VERDICT = {"run.finished"}
SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
"""Times the pace of the run itself."""
_LONGEST_PAUSE = 1.0
"""Seconds between two messages while playing, however long the run has waited there."""


class Player:
    """A place among the messages of a run. Steps go by what the selection shows; jumps go anywhere."""

    def __init__(self, timeline: Timeline, selection: Selection, *, speed: float = 1.0) -> None:
        self.timeline = timeline
        self.selection = selection
        self.speed = speed
        self.at = 0
        self.pinned = False
        """Whether the place stays at the end while more is read."""

    @property
    def now(self) -> TimelineEntry | None:
        """The message at this place; None before anything was read."""
        told = self.timeline.told
        return told[self.at] if told else None

    def view(self) -> RunState:
        """What the run looks like here."""
        now = self.now
        seq = 0 if now is None else self.timeline.last if self._last else now.event.seq
        return self.timeline.view_at(seq)

    @property
    def _last(self) -> bool:
        return self.at == len(self.timeline.told) - 1

    def shows(self, told: TimelineEntry) -> bool:
        """Whether the selection shows a message."""
        return self.selection.holds(told.event, told.stage)

    def backwards(self) -> Iterator[TimelineEntry]:
        """What is shown here, from the newest message to the oldest; the one at this place always is."""
        now = self.now
        for index in range(self.at if now else -1, -1, -1):
            told = self.timeline.told[index]
            if told is now or self.shows(told):
                yield told

    def read_on(self) -> None:
        """More of the run was read: stay at its end where that is the place."""
        if self.pinned and self.timeline.told:
            self.at = len(self.timeline.told) - 1

    def step(self, direction: int) -> bool:
        """To the next message that is shown, or with -1 to the one before; False where there is none."""
        index = self._seek(direction, self.shows)
        if index is None:
            return False
        self.at, self.pinned = index, False
        return True

    def start(self) -> None:
        """To the first message."""
        self.at, self.pinned = 0, False

    def end(self) -> None:
        """To the last message, and stay there while more is read."""
        self.pinned = True
        self.read_on()

    def jump(self, kinds: Collection[str], direction: int) -> bool:
        """To the next message of `kinds` in that direction, shown or not; False where there is none."""
        index = self._seek(direction, lambda told: told.event.kind in kinds)
        if index is None:
            return False
        self.at, self.pinned = index, False
        return True

    def find(self, pattern: re.Pattern[str], direction: int) -> bool:
        """To the next message that is shown and in which `pattern` is found."""
        wanted = replace(self.selection, pattern=pattern)
        index = self._seek(direction, lambda told: self.shows(told) and wanted.holds(told.event, told.stage))
        if index is None:
            return False
        self.at, self.pinned = index, False
        return True

    def go_to(self, seq: int) -> None:
        """To the last message up to `seq`."""
        said = self.timeline.told
        self.at = max((i for i, told in enumerate(said) if told.event.seq <= seq), default=0)
        self.pinned = False

    def only(self, role: str | None) -> None:
        """Show only what `role` says or hears; None shows all roles."""
        self.selection = replace(self.selection, roles=(role,) if role else ())

    def roles(self) -> list[str]:
        """Who speaks or is spoken to in what was read so far, by their short names."""
        agents = {
            agent for told in self.timeline.told for agent in (told.event.sender, *told.event.recipients)
        }
        return sorted({agent.partition("/")[0] for agent in agents})

    def faster(self, steps: int) -> None:
        """Another pace, of `SPEEDS`."""
        nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - self.speed))
        self.speed = SPEEDS[min(max(nearest + steps, 0), len(SPEEDS) - 1)]

    def pause(self) -> float | None:
        """Seconds until the next message when playing; None at the end."""
        index = self._seek(1, self.shows)
        if index is None or (now := self.now) is None:
            return None
        between = (self.timeline.told[index].event.at - now.event.at) / 1e6
        return min(between / self.speed, _LONGEST_PAUSE)

    def _seek(self, direction: int, wanted: Callable[[TimelineEntry], bool]) -> int | None:
        told = self.timeline.told
        places = range(self.at + 1, len(told)) if direction > 0 else range(self.at - 1, -1, -1)
        return next((index for index in places if wanted(told[index])), None)
