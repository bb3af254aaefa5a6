"""The screen of the replay: the conversation, the state of the run at that moment, where one is, the keys."""

import asyncio
import re
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Footer, Input, Static

from ..console.formatting import one_line, row
from ..projections.exchanges import exchanges
from ..projections.timeline import TimelineEntry
from . import player as places
from .conversation import Conversation
from .keys import KEYS, HelpScreen
from .message_pane import MessagePane
from .player import Player
from .state_pane import StatePane
from .verification import ReplayVerification

_CHUNK = 300
"""Events read before the keys have their turn again."""
_FRAME = 0.05
"""Seconds between two frames while playing; faster messages share one."""
_JUMPS = {
    "stage": places.STAGES,
    "promotion": places.PROMOTIONS,
    "error": places.ERRORS,
    "verdict": places.VERDICT,
}


class ReplayApp(App[None]):
    """Shows a run at any of its moments.

    `checking` re-enacts it meanwhile; None where the log is only looked at. With `follow` the end is shown
    as it is written.
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
        checking: ReplayVerification | None,
        *,
        follow: bool = False,
        playing: bool = False,
    ) -> None:
        super().__init__()
        self.player = player
        self.playing = playing
        self._checking = checking
        self._follow = follow
        self._pattern: re.Pattern[str] | None = None
        self._said = ""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Static(id="where")
        with Container(id="room"):
            yield Conversation(self.player)
            yield StatePane(self.player)
        yield Input(placeholder="search: words or a regular expression", id="search")
        yield Static(id="status")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Begin to read, to check and to play."""
        self.query_one("#search", Input).can_focus = False
        if self._checking is not None:
            self._checking.start()
            self.set_interval(0.25, self._show_status)
        self.run_worker(self._read(), exit_on_error=True)
        self.run_worker(self._play(), exit_on_error=True)

    def on_unmount(self) -> None:
        """Nobody waits for the re-enactment any more."""
        if self._checking is not None:
            self._checking.stop()

    async def _read(self) -> None:
        timeline = self.player.timeline
        while timeline.read(_CHUNK):
            self._read_on()
            await asyncio.sleep(0)
        self._read_on()
        if self._follow:
            async for event in timeline.reader.follow(timeline.run, after=timeline.last):
                timeline.take(event)
                self._read_on()

    def _read_on(self) -> None:
        before = self.player.now
        self.player.read_on()
        if self.player.now is not before or self.player.pinned or before is None:
            self.show()
        else:
            self._show_where()

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
        """Draw everything for the present place."""
        self.query_one(Conversation).refresh()
        self.query_one(StatePane).refresh()
        self._show_where()
        self._show_status()

    def _show_where(self) -> None:
        player = self.player
        now, count = player.now, len(player.timeline.told)
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
        if self._said:
            text = row((f" {self._said}", "yellow"))
        elif self._checking is None:
            text = row((" The log as it stands, not re-enacted.", "dim"))
        else:
            faulty = self._checking.difference is not None
            text = row((f" {one_line(self._checking.words)}", "bold red" if faulty else "green"))
        self.query_one("#status", Static).update(text)

    def action_play(self) -> None:
        """Play, or pause."""
        self.playing = not self.playing
        self._moved(True)

    def action_step(self, steps: int) -> None:
        """So many messages on, or back."""
        self.playing = False
        moved = [self.player.step(1 if steps > 0 else -1) for _ in range(abs(steps))]
        self._moved(moved[0], "That is the last message." if steps > 0 else "That is the first message.")

    def action_pace(self, steps: int) -> None:
        """Faster or slower."""
        self.player.faster(steps)
        self._moved(True)

    def action_start(self) -> None:
        """To the first message."""
        self.playing = False
        self.player.start()
        self._moved(True)

    def action_end(self) -> None:
        """To the last message."""
        self.playing = False
        self.player.end()
        self._moved(True)

    def action_jump(self, what: str, direction: int) -> None:
        """To the next stage, promotion, error, or the verdict."""
        self.playing = False
        side = "further on" if direction > 0 else "before this"
        moved = self.player.jump(_JUMPS[what], direction)
        self._moved(moved, f"There is no {what} {side}.")

    def action_role(self) -> None:
        """Only the next role, and after the last all of them again."""
        roles = [None, *self.player.roles()]
        now = self.player.selection.roles[0] if self.player.selection.roles else None
        self.player.only(roles[(roles.index(now) + 1) % len(roles)] if now in roles else None)
        self._moved(True)

    def action_search(self) -> None:
        """Ask what to search for."""
        field = self.query_one("#search", Input)
        field.add_class("-asked")
        field.can_focus = True
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for what was given."""
        self._leave_search()
        try:
            self._pattern = re.compile(event.value, re.IGNORECASE) if event.value else self._pattern
        except re.error as error:
            self._moved(False, f"That is no regular expression: {error}.")
            return
        self.action_again(1)

    def on_key(self, event: object) -> None:
        """Escape leaves the search."""
        if getattr(event, "key", "") == "escape" and self.query_one("#search", Input).has_focus:
            self._leave_search()

    def _leave_search(self) -> None:
        field = self.query_one("#search", Input)
        field.remove_class("-asked")
        field.can_focus = False
        self.set_focus(None)

    def action_again(self, direction: int) -> None:
        """To where the words of the search are found next."""
        if self._pattern is None:
            self._moved(False, "Search with / first.")
            return
        self.playing = False
        side = "further on" if direction > 0 else "before this"
        found = self.player.find(self._pattern, direction)
        self._moved(found, f"{self._pattern.pattern!r} is not found {side}.")

    def action_open(self) -> None:
        """The message in full."""
        if (now := self.player.now) is not None:
            self._open(now)

    def on_conversation_chosen(self, event: Conversation.Chosen) -> None:
        """A message was clicked."""
        self._open(event.told)

    def _open(self, told: TimelineEntry) -> None:
        self.playing = False
        self.push_screen(MessagePane(told, exchanges(self.player.timeline, told)))

    def action_help(self) -> None:
        """All keys."""
        self.push_screen(HelpScreen())

    def _moved(self, moved: bool, otherwise: str = "") -> None:
        self._said = "" if moved else otherwise
        self.show()
