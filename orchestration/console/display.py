"""The choice of a display, made in this one place.

From the richest to the plainest: full (an interactive screen, see `replay_ui`; it reads the log by itself and
is no `Display`), live (a terminal that can move its cursor), plain (lines for people, also in a pipe), log
(one line for each event), json (one object for each event). Each is loaded when it is first used.
"""

from typing import Literal

from rich.console import Console

from ...storage.event import Event
from .base import Display

__all__ = ["Display", "Mode", "NoDisplay", "can_move", "choose_display"]

Mode = Literal["auto", "full", "live", "plain", "log", "json", "none"]


class NoDisplay(Display):
    """A display that shows nothing."""

    def apply(self, event: Event) -> None:
        """Ignore the event."""

    def close(self) -> None:
        """Show nothing."""


def can_move(console: Console) -> bool:
    """Return whether the console is a terminal that can move its cursor; a "dumb" one cannot."""
    return console.is_terminal and not console.is_dumb_terminal


def choose_display(
    mode: Mode,
    console: Console,
    *,
    gap: float | None = None,
    calls: bool = False,
    fold: bool = True,
    note: str = "",
) -> Display:
    """Return the display for `mode`; "auto" is "live" at a terminal and "plain" elsewhere.

    Everything goes to `console`, except "json" and "log", which are data and go to standard output.
    `LiveDisplay` explains the other parameters.
    """
    if mode == "auto":
        mode = "live" if can_move(console) else "plain"
    match mode:
        case "json":
            from .json_display import JsonDisplay

            return JsonDisplay()
        case "log":
            from .log_display import LogDisplay

            return LogDisplay()
        case "live":
            from .keyboard import keyboard
            from .live_display import FRAMES, LiveDisplay

            pause = 1 / FRAMES if gap is None else gap
            return LiveDisplay(console, gap=pause, calls=calls, fold=fold, note=note, keyboard=keyboard())
        case "plain":
            from .plain_display import PlainDisplay

            return PlainDisplay(console, calls=calls, fold=fold)
        case _:
            return NoDisplay()
