"""The display for people at a terminal: the conversation scrolls by above a panel with the state of the run.

Events only change the state. A thread draws what is new: soon after a message, and otherwise at most a few
times a second. So a thousand events cost one frame, and a terminal that stalls does not stall the run.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from rich.console import Console, ConsoleDimensions, Group, RenderableType
from rich.live import Live

from ...agents.call_events import CALL_KINDS
from ...storage.event import Event
from ..projections.conversation import Block, Conversation
from ..projections.decoding import any_message, readable
from ..projections.partial_decode import partly_decoded
from ..projections.run_state import RunState
from .base import Display
from .blocks import block_lines, brief_lines
from .keyboard import Keyboard
from .lines import left_out
from .result import outcome
from .status_panel import status_panel
from .terminal_guard import LINES, guarded_terminal

FRAMES = 4
"""Maximum number of frames a second while calls are counted and no message comes."""
_CLOCK = 1.0
"""Seconds after which a frame is drawn only to advance the clock."""
_BACKLOG = 200
"""Maximum number of messages printed in one frame; a person could not read a longer backlog."""
_IDLE_FACTOR = 3
"""After each frame the thread rests this many times as long as the frame took, to save processor time."""


class _Panel:
    """The panel below the conversation. Rich renders it again whenever something is printed above it."""

    def __init__(self) -> None:
        self.content = Group()

    def __rich__(self) -> Group:
        return self.content


class LiveDisplay(Display):
    """Takes over the terminal with the first frame and restores it on `close`.

    `gap` is the minimum time between two frames in seconds; a run in the same process needs it to be long.
    What is said alike about several prompts is one line, unless `fold` is false. The line grows above the
    panel and scrolls on when it is complete. With `calls` each call has a line too. `note` is shown in the
    panel. `?` explains the panel if there is a `keyboard`. If `drawing` is false no thread is started, and
    only calls of `draw` draw frames. `clock` returns seconds and measures the log's silence.
    """

    def __init__(
        self,
        console: Console,
        *,
        gap: float = 1 / FRAMES,
        calls: bool = False,
        fold: bool = True,
        note: str = "",
        keyboard: Keyboard | None = None,
        drawing: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.view = RunState()
        self._console = console
        self._gap, self._calls, self._note, self._clock = gap, calls, note, clock
        self._last_event = 0.0
        self._conversation = Conversation(fold)
        self._unprinted: deque[Block] = deque(maxlen=_BACKLOG)
        self._printed: deque[RenderableType] = deque(maxlen=_BACKLOG)
        self._left_out = 0
        self._size: ConsoleDimensions | None = None
        self._keyboard, self._explains = keyboard, False
        self._panel = _Panel()
        self._live = self._new_live()
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._has_message = threading.Event()
        self._closing = threading.Event()
        self._over = False
        self._guard = ExitStack()
        self._lost: OSError | None = None
        self._thread = (
            threading.Thread(target=self._keep_drawing, name="display", daemon=True) if drawing else None
        )

    def apply(self, event: Event) -> None:
        """Take in one event, which the next frame shows."""
        message = readable(event)
        call = event.kind in CALL_KINDS
        shown = self._calls or not call
        with self._lock:
            self.view.apply(event, message)
            if self._keyboard is not None and event.kind == "run.started" and self.view.asks_people:
                self._keyboard.leave()  # Whoever is asked types lines.
            if shown:
                self._queue(self._conversation.apply(event, any_message(event) if call else message))
        self._note_change(has_message=shown)

    def pass_over(self, event: Event) -> None:
        """Count an event in the panel without printing it."""
        message = readable(event)
        with self._lock:
            self.view.apply(event, message)
            self._conversation.note(message)
        self._note_change(has_message=False)

    def skip(self, events: Sequence[Event]) -> None:
        """Count old messages in the panel; the next frame says how many are not shown."""
        with self._lock:
            for event in events:
                message = partly_decoded(event)
                self.view.apply(event, message)
                self._conversation.note(message)
            self._left_out += len(events)
        self._note_change(has_message=bool(events))

    def count(self, event: Event) -> None:
        """Count a call; the next frame has the new numbers."""
        with self._lock:
            self.view.apply_call(event)
        self._changed.set()

    def draw(self) -> None:
        """Draw one frame: print the messages since the last frame, and the panel below them."""
        resized = self._resized()
        width, height = self._console.size
        with self._lock:
            unprinted, missing = list(self._unprinted), self._left_out
            self._unprinted.clear()
            self._left_out = 0
            self._panel.content = self._render_panel(width, height)
        if self._over:
            return
        # Outside the lock: a terminal can block writing for as long as a person likes (Ctrl-S).
        if resized:
            self._clear_screen()
        self._live.start()
        printed = _new_lines(unprinted, missing)
        self._printed.extend(printed)
        if resized:
            printed = list(self._printed)[-height:]
        if printed:
            self._console.print(Group(*printed))
        else:
            self._live.refresh()

    def _queue(self, blocks: Sequence[Block]) -> None:
        """Print these blocks with the next frame; the oldest give way if there are too many."""
        self._left_out += max(0, len(self._unprinted) + len(blocks) - _BACKLOG)
        self._unprinted.extend(blocks)

    def close(self) -> None:
        """Draw what is left, remove the panel, and print the result in its place."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._has_message.set()
        if not self.view.events:
            return
        try:
            if self._thread is not None and self._thread.ident is not None:
                self._thread.join()
            self._queue(self._conversation.close())
            self.draw()
        finally:
            # An interrupted `join` leaves the thread running, which must not start the view again.
            self._over = True
            self._live.stop()
        self._console.print(outcome(self.view))

    def __enter__(self) -> Self:
        self._guard.enter_context(guarded_terminal(LINES, self._console.file))
        if self._keyboard is not None:
            self._guard.enter_context(self._keyboard.read(self._press))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            self.close()

    def _render_panel(self, width: int, height: int) -> Group:
        plain = not self._console.encoding.lower().startswith("utf")
        silence = self._clock() - self._last_event
        keys = self._keyboard is not None and self._keyboard.reads
        hint = "" if not keys else "? closes this" if self._explains else "? explains"
        panel = status_panel(
            self.view,
            width,
            height,
            silence,
            plain=plain,
            note=self._note,
            hint=hint,
            explained=self._explains,
        )
        # Half of the screen is the panel's; of the rest the lines that still grow take at most a half.
        growing = [line for block in self._conversation.open for line in block_lines(block, open_=True)]
        return Group(*growing[-max(1, height // 4) :], panel)

    def _press(self, key: str) -> None:
        """Obey a key: `?` explains the panel, and hides the explanation again."""
        if key == "?":
            self._explains = not self._explains
            self._has_message.set()
            self._changed.set()

    def _note_change(self, *, has_message: bool) -> None:
        if self._lost is not None:
            raise self._lost
        self._last_event = self._clock()
        self._changed.set()
        if has_message:
            self._has_message.set()
        if self._thread is not None and self._thread.ident is None:
            self._thread.start()

    def _new_live(self) -> Live:
        # Standard output is not redirected: it carries data, which must not end up on this screen.
        return Live(
            self._panel, console=self._console, auto_refresh=False, transient=True, redirect_stdout=False
        )

    def _resized(self) -> bool:
        """Return whether the size of the terminal has changed since the last frame."""
        before, self._size = self._size, self._console.size
        return before is not None and before != self._size

    def _clear_screen(self) -> None:
        """Clear the screen: a resized terminal wraps old lines again, so their places are unknown."""
        self._live.stop()
        self._console.clear()
        self._live = self._new_live()

    def _keep_drawing(self) -> None:
        drawn = 0.0
        while not self._closing.is_set():
            self._has_message.wait(1 / FRAMES)
            self._has_message.clear()
            begun = time.monotonic()
            if not self._changed.is_set() and begun - drawn < _CLOCK:
                continue
            self._changed.clear()
            try:
                self.draw()
            except OSError as error:
                # Raised by the next event, in the thread that gives the display its events.
                self._lost = error
                return
            drawn = time.monotonic()
            self._closing.wait(max(self._gap, _IDLE_FACTOR * (drawn - begun)))


def _new_lines(unprinted: list[Block], missing: int) -> list[RenderableType]:
    printed = [line for block in unprinted for line in brief_lines(block)]
    return [left_out(missing), *printed] if missing else printed
