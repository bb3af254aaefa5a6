"""The display for people at a terminal: the conversation scrolls by above a region that shows the state.

Events only change the view. A thread draws, at most four times a second, whatever has come since its
last frame, so a thousand events cost one frame, and a terminal that stalls does not stall the run.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from ...agents.messages import Message
from ...storage.event import Event
from ..view import RunView, message_for
from .base import Display
from .header import header
from .lines import left_out, lines
from .table import outcome

FRAMES = 4
"""Frames a second."""
_BACKLOG = 200
"""Messages told in one frame; of a longer backlog nobody could read more than the end."""


class _Region:
    """What stands below the conversation. Rich asks it anew whenever something is printed above it."""

    def __init__(self) -> None:
        self.content = Group()

    def __rich__(self) -> Group:
        return self.content


class LiveDisplay(Display):
    """Takes the terminal over with the first frame and gives it back on `close`.

    With `drawing` false no thread is started and frames come from calls of `draw` alone. `clock` gives
    seconds and tells how long the log has been silent.
    """

    def __init__(
        self, console: Console, *, drawing: bool = True, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.view = RunView()
        self._console = console
        self._clock = clock
        self._heard = 0.0
        self._said: deque[tuple[Event, Message]] = deque(maxlen=_BACKLOG)
        self._left_out = 0
        self._region = _Region()
        # Standard output stays what it is: it carries data, which must not end up on this screen.
        self._live = Live(
            self._region, console=console, auto_refresh=False, transient=True, redirect_stdout=False
        )
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = (
            threading.Thread(target=self._draw_on, name="display", daemon=True) if drawing else None
        )

    def feed(self, event: Event) -> None:
        """Take in one event; it is on the screen with the next frame."""
        message = message_for(event)
        with self._lock:
            self.view.feed(event, message)
            self._heard = self._clock()
            if message is not None:
                self._left_out += len(self._said) == _BACKLOG
                self._said.append((event, message))
        if self._thread is not None and self._thread.ident is None:
            self._thread.start()

    def skip(self, events: Sequence[Event]) -> None:
        """Take in messages that scroll by unseen; the next frame says how many."""
        with self._lock:
            for event in events:
                self.view.feed(event, message_for(event))
            self._left_out += len(events)

    def count(self, event: Event) -> None:
        """Count a call; the next frame has the new numbers."""
        with self._lock:
            self.view.count(event)

    def draw(self) -> None:
        """Draw one frame: print what was said since the last one, and the region anew below it."""
        width, height = self._console.size
        with self._lock:
            said, unseen = list(self._said), self._left_out
            self._said.clear()
            self._left_out = 0
            self._region.content = header(self.view, width, height, self._clock() - self._heard)
        # Outside the lock: writing to a terminal may block for as long as a person likes (Ctrl-S).
        self._live.start()
        told = _told(said, unseen)
        if told:
            self._console.print(Group(*told))
        else:
            self._live.refresh()

    def close(self) -> None:
        """Draw what is left, take the region away and print the result in its place."""
        if self._closing.is_set():
            return
        self._closing.set()
        if not self.view.events:
            return
        try:
            if self._thread is not None and self._thread.ident is not None:
                self._thread.join()
            self.draw()
        finally:
            self._live.stop()
        self._console.print(outcome(self.view))

    def _draw_on(self) -> None:
        while not self._closing.wait(1 / FRAMES):
            self.draw()


def _told(said: list[tuple[Event, Message]], unseen: int) -> list[Text]:
    told = [line for event, message in said for line in lines(event, message)]
    return [left_out(unseen), *told] if unseen else told
