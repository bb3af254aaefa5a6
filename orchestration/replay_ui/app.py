"""The screen of the replay: conversation, state of the run, position, status line and keys."""

import asyncio
import re
from collections.abc import Sequence
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.filter import LineFilter
from textual.widgets import Footer, Input, Static

from ..console.formatting import row
from ..console.visible import one_line
from ..projections.exchanges import Exchange, exchanges
from ..projections.execution_trace import read_trace
from ..projections.timeline import TimelineEntry
from ..projections.trace_records import ExecutionTrace
from . import player as places
from .conversation import Conversation
from .keys import KEYS, HelpScreen
from .message_pane import MessagePane
from .player import Player
from .safe_lines import SafeLines
from .state_pane import StatePane
from .verification import ReplayVerification

_CHUNK = 300
"""Events read before the screen reacts to keys again."""
_FRAME = 0.05
"""Seconds between two frames during playback; faster messages share a frame."""
_JUMPS = {
    "stage": places.STAGES,
    "promotion": places.PROMOTIONS,
    "error": places.ERRORS,
    "verdict": places.VERDICT,
}


class ReplayApp(App[None]):
    """Shows a run at any of its moments.

    `verification` re-enacts the run in the background; None shows the log without re-enacting it. With
    `follow` the log is read on while it grows.
    """

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (150, "-wide")]  # noqa: RUF012 - as in the base class
    ENABLE_COMMAND_PALETTE = False
    AUTO_FOCUS = None
    CSS = """
    Screen { layers: base over; }
    #where, #status { height: 1; background: $panel; }
    #room { layout: vertical; height: 1fr; }
    #conversation { height: 1fr; width: 1fr; }
    #board { height: 11; width: 1fr; }
    .-wide #room { layout: horizontal; }
    .-wide #board { height: 1fr; width: 45%; margin-left: 1; }
    #search { display: none; height: 1; border: none; padding: 0 1; }
    #search.-asked { display: block; }
    """

    def __init__(
        self,
        player: Player,
        verification: ReplayVerification | None,
        *,
        follow: bool = False,
        playing: bool = False,
    ) -> None:
        self._safe_lines = SafeLines()
        super().__init__()
        self.player = player
        self.playing = playing
        self._verification = verification
        self._follow = follow
        self._pattern: re.Pattern[str] | None = None
        self._notice = ""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return the filters of every line, the last of which makes texts safe."""
        return [*super().get_line_filters(), self._safe_lines]

    def compose(self) -> ComposeResult:
        """Yield the parts of the screen from top to bottom."""
        yield Static(id="where")
        with Container(id="room"):
            yield Conversation(self.player)
            yield StatePane(self.player)
        yield Input(placeholder="search for text or a regular expression", id="search")
        yield Static(id="status")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Start reading, re-enacting and playing."""
        self.query_one("#search", Input).can_focus = False
        if self._verification is not None:
            self._verification.start()
            self.set_interval(0.25, self._show_status)
        self.run_worker(self._read(), exit_on_error=True)
        self.run_worker(self._play(), exit_on_error=True)

    def on_unmount(self) -> None:
        """Stop the re-enactment."""
        if self._verification is not None:
            self._verification.stop()

    async def _read(self) -> None:
        timeline = self.player.timeline
        while timeline.read(_CHUNK):
            self._read_on()
            await asyncio.sleep(0)
        self._read_on()
        if self._follow:
            async for event in timeline.reader.follow(timeline.run, after=timeline.last):
                timeline.apply(event)
                self._read_on()

    def _read_on(self) -> None:
        before = self.player.now
        self.player.read_on()
        if self.player.now is not before or self.player.pinned or before is None:
            self.show()
        else:
            self._show_position()

    async def _play(self) -> None:
        while True:
            waited = 0.0
            while self.playing and waited < _FRAME:
                pause = self.player.pause()
                if pause is None:
                    self.playing = not self.player.timeline.complete or self._follow
                    break
                if pause > _FRAME:
                    await asyncio.sleep(pause)
                    if not self.playing:
                        break
                waited += pause
                self.player.step(1)
            if waited:
                self.show()
            await asyncio.sleep(_FRAME)

    def show(self) -> None:
        """Draw everything for the current position."""
        self.query_one(Conversation).refresh()
        self.query_one(StatePane).refresh()
        self._show_position()
        self._show_status()

    def _show_position(self) -> None:
        player = self.player
        now, count = player.now, len(player.timeline.entries)
        reading = "" if player.timeline.complete else " (reading)"
        time = f"{now.event.time.astimezone():%H:%M:%S}" if now else ""
        pace = f"playing x{player.speed:g}" if self.playing else f"paused x{player.speed:g}"
        left = row(
            (f" {player.timeline.run} ", "bold"),
            f" message {player.at + 1:,} of {count:,}{reading}  {time}  ",
        )
        left.append(pace, "green" if self.playing else "yellow")
        if player.selection.words:
            left.append(f"  only {one_line(player.selection.words)}", "cyan")
        self.query_one("#where", Static).update(left)

    def _show_status(self) -> None:
        if self._notice:
            text = row((f" {self._notice}", "yellow"))
        elif self._verification is None:
            text = row((" The log is shown as stored; it is not re-enacted.", "dim"))
        else:
            faulty = self._verification.difference is not None
            text = row((f" {one_line(self._verification.words)}", "bold red" if faulty else "green"))
        # The timer may fire once more while the screen is being closed and has no status line any more.
        for line in self.query("#status").results(Static):
            line.update(text)

    def action_play(self) -> None:
        """Play or pause."""
        self.playing = not self.playing
        self._moved(True)

    def action_step(self, steps: int) -> None:
        """Go that many messages forward, or back."""
        self.playing = False
        moved = [self.player.step(1 if steps > 0 else -1) for _ in range(abs(steps))]
        self._moved(moved[0], "This is the last message." if steps > 0 else "This is the first message.")

    def action_pace(self, steps: int) -> None:
        """Play faster or slower."""
        self.player.faster(steps)
        self._moved(True)

    def action_start(self) -> None:
        """Go to the first message."""
        self.playing = False
        self.player.start()
        self._moved(True)

    def action_end(self) -> None:
        """Go to the last message."""
        self.playing = False
        self.player.end()
        self._moved(True)

    def action_jump(self, target: str, direction: int) -> None:
        """Go to the next stage, promotion, error, or the verdict."""
        self.playing = False
        side = "after" if direction > 0 else "before"
        moved = self.player.jump(_JUMPS[target], direction)
        self._moved(moved, f"There is no {target} {side} this message.")

    def action_role(self) -> None:
        """Show only the next role; after the last one, show all roles again."""
        roles = [None, *self.player.roles()]
        now = self.player.selection.roles[0] if self.player.selection.roles else None
        self.player.only(roles[(roles.index(now) + 1) % len(roles)] if now in roles else None)
        self._moved(True)

    def action_fold(self) -> None:
        """Show one line for each message, or one for what is said alike about several prompts."""
        conversation = self.query_one(Conversation)
        conversation.folds = not conversation.folds
        self._moved(True)

    def action_search(self) -> None:
        """Open the search field."""
        field = self.query_one("#search", Input)
        field.add_class("-asked")
        field.can_focus = True
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for the text that was entered."""
        self._leave_search()
        try:
            self._pattern = re.compile(event.value, re.IGNORECASE) if event.value else self._pattern
        except re.error as error:
            self._moved(False, f"This is not a regular expression: {error}.")
            return
        self.action_again(1)

    def on_key(self, event: object) -> None:
        """Close the search field on Escape."""
        if getattr(event, "key", "") == "escape" and self.query_one("#search", Input).has_focus:
            self._leave_search()

    def _leave_search(self) -> None:
        field = self.query_one("#search", Input)
        field.remove_class("-asked")
        field.can_focus = False
        self.set_focus(None)

    def action_again(self, direction: int) -> None:
        """Go to the next match of the search."""
        if self._pattern is None:
            self._moved(False, "Press / to search first.")
            return
        self.playing = False
        side = "after" if direction > 0 else "before"
        found = self.player.find(self._pattern, direction)
        self._moved(found, f"There is no match for {self._pattern.pattern!r} {side} this message.")

    def action_open(self) -> None:
        """Open the current message."""
        if (now := self.player.now) is not None:
            self._open(now)

    def on_conversation_chosen(self, event: Conversation.Chosen) -> None:
        """Open the message that was clicked."""
        self._open(event.entry)

    def _open(self, entry: TimelineEntry) -> None:
        self.playing = False
        found = exchanges(self.player.timeline, entry)
        self.push_screen(MessagePane(entry, found, self._trace, self.player.selection.modules))

    def _trace(self, exchange: Exchange) -> ExecutionTrace:
        assert exchange.execution is not None
        return read_trace(self.player.timeline.reader, exchange.execution)

    def action_help(self) -> None:
        """Show all keys, and what the status means."""
        self.push_screen(HelpScreen(self.player.view()))

    def _moved(self, moved: bool, notice: str = "") -> None:
        self._notice = "" if moved else notice
        self.show()
