"""The display for people at a terminal: the conversation scrolls by above a region that shows the state.

Events only change the view. A thread draws what has come since its last frame: soon after something was
said, and otherwise a few times a second at most. So a thousand events cost one frame, and a terminal that
stalls does not stall the run.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from rich.console import Console, ConsoleDimensions, Group, RenderableType
from rich.live import Live

from ...agents.call_events import CALL_KINDS
from ...agents.messages import Message
from ...storage.event import Event
from ..projections.partial_decode import glance
from ..projections.run_state import RunState, readable
from .base import Display
from .header import header
from .lines import left_out, lines, message_of
from .result import outcome

FRAMES = 4
"""Frames a second while nothing is said and calls are only counted."""
_CLOCK = 1.0
"""Seconds after which a frame is drawn although nothing has changed but the time."""
_BACKLOG = 200
"""Messages told in one frame; of a longer backlog nobody could read more than the end."""
_IDLE_SHARE = 3
"""So many times as long as a frame took, no other is drawn: drawing leaves the processor to others."""


class _Region:
    """What stands below the conversation. Rich asks it anew whenever something is printed above it."""

    def __init__(self) -> None:
        self.content = Group()

    def __rich__(self) -> Group:
        return self.content


class LiveDisplay(Display):
    """Takes the terminal over with the first frame and gives it back on `close`.

    `gap` is the least time between two frames in seconds: beside a run that works in this very process,
    there should be few. With `calls` single calls are told, too; `note` stands in the region. With
    `drawing` false no thread is started and frames come from calls of `draw` alone. `clock` gives seconds
    and tells how long the log has been silent.
    """

    def __init__(
        self,
        console: Console,
        *,
        gap: float = 1 / FRAMES,
        calls: bool = False,
        note: str = "",
        drawing: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.view = RunState()
        self._console = console
        self._gap, self._calls, self._note, self._clock = gap, calls, note, clock
        self._heard = 0.0
        self._said: deque[tuple[Event, Message | None]] = deque(maxlen=_BACKLOG)
        self._told: deque[RenderableType] = deque(maxlen=_BACKLOG)
        self._left_out = 0
        self._size: ConsoleDimensions | None = None
        self._region = _Region()
        self._live = self._new_live()
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._spoken = threading.Event()
        self._closing = threading.Event()
        self._thread = (
            threading.Thread(target=self._draw_on, name="display", daemon=True) if drawing else None
        )

    def feed(self, event: Event) -> None:
        """Take in one event; it is on the screen with the next frame."""
        message = readable(event)
        call = event.kind in CALL_KINDS
        told = self._calls or not call
        with self._lock:
            self.view.feed(event, message)
            if told:
                self._left_out += len(self._said) == _BACKLOG
                self._said.append((event, message_of(event) if call else message))
        self._note_change(spoken=told)

    def pass_over(self, event: Event) -> None:
        """Take in an event that is not told."""
        with self._lock:
            self.view.feed(event, readable(event))
        self._note_change(spoken=False)

    def skip(self, events: Sequence[Event]) -> None:
        """Take in messages that scroll by unseen; the next frame says how many."""
        with self._lock:
            for event in events:
                self.view.feed(event, glance(event))
            self._left_out += len(events)
        self._note_change(spoken=bool(events))

    def count(self, event: Event) -> None:
        """Count a call; the next frame has the new numbers."""
        with self._lock:
            self.view.count(event)
        self._changed.set()

    def draw(self) -> None:
        """Draw one frame: print what was said since the last one, and the region anew below it."""
        resized = self._resized()
        width, height = self._console.size
        with self._lock:
            said, unseen = list(self._said), self._left_out
            self._said.clear()
            self._left_out = 0
            self._region.content = self._header(width, height)
        # Outside the lock: writing to a terminal may block for as long as a person likes (Ctrl-S).
        if resized:
            self._begin_anew()
        self._live.start()
        told = _told(said, unseen)
        self._told.extend(told)
        if resized:
            told = list(self._told)[-height:]
        if told:
            self._console.print(Group(*told))
        else:
            self._live.refresh()

    def close(self) -> None:
        """Draw what is left, take the region away and print the result in its place."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._spoken.set()
        if not self.view.events:
            return
        try:
            if self._thread is not None and self._thread.ident is not None:
                self._thread.join()
            self.draw()
        finally:
            self._live.stop()
        self._console.print(outcome(self.view))

    def _header(self, width: int, height: int) -> Group:
        plain = not self._console.encoding.lower().startswith("utf")
        silence = self._clock() - self._heard
        return header(self.view, width, height, silence, plain=plain, note=self._note)

    def _note_change(self, *, spoken: bool) -> None:
        self._heard = self._clock()
        self._changed.set()
        if spoken:
            self._spoken.set()
        if self._thread is not None and self._thread.ident is None:
            self._thread.start()

    def _new_live(self) -> Live:
        # Standard output stays what it is: it carries data, which must not end up on this screen.
        return Live(
            self._region, console=self._console, auto_refresh=False, transient=True, redirect_stdout=False
        )

    def _resized(self) -> bool:
        """Whether the terminal has another size than at the last frame."""
        before, self._size = self._size, self._console.size
        return before is not None and before != self._size

    def _begin_anew(self) -> None:
        """Clear the screen: a terminal that wraps old lines anew leaves nobody knowing where they are."""
        self._live.stop()
        self._console.clear()
        self._live = self._new_live()

    def _draw_on(self) -> None:
        drawn = 0.0
        while not self._closing.is_set():
            self._spoken.wait(1 / FRAMES)
            self._spoken.clear()
            begun = time.monotonic()
            if not self._changed.is_set() and begun - drawn < _CLOCK:
                continue
            self._changed.clear()
            self.draw()
            drawn = time.monotonic()
            self._closing.wait(max(self._gap, _IDLE_SHARE * (drawn - begun)))


def _told(said: list[tuple[Event, Message | None]], unseen: int) -> list[RenderableType]:
    told = [line for event, message in said for line in lines(event, message)]
    return [left_out(unseen), *told] if unseen else told
