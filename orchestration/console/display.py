"""Which display a command uses: the one place where that is decided.

From the richest to the plainest: full (a screen to move about in, see `replaying`; it is no `Display`, since
it goes its own way through the log), live (a terminal that can move its cursor), plain (lines for people, in
a pipe too), log (one line for each event), json (one object for each event). Each is loaded when used.
"""

from typing import Literal

from rich.console import Console

from ...storage.event import Event
from .base import Display

__all__ = ["Display", "Mode", "NoDisplay", "can_move", "choose_display"]

Mode = Literal["auto", "full", "live", "plain", "log", "json", "none"]


class NoDisplay(Display):
    """Shows nothing."""

    def feed(self, event: Event) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is shown."""


def can_move(console: Console) -> bool:
    """Whether the console is a terminal on which a cursor can be moved: a "dumb" one cannot."""
    return console.is_terminal and not console.is_dumb_terminal


def choose_display(
    mode: Mode, console: Console, *, gap: float | None = None, calls: bool = False, note: str = ""
) -> Display:
    """The display for `mode`; "auto" is "live" at a terminal and "plain" elsewhere.

    Everything goes to `console`, apart from "json" and "log", which are data and go to standard output. See
    `LiveDisplay` for the others.
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
            from .live_display import FRAMES, LiveDisplay

            return LiveDisplay(console, gap=1 / FRAMES if gap is None else gap, calls=calls, note=note)
        case "plain":
            from .plain_display import PlainDisplay

            return PlainDisplay(console, calls=calls)
        case _:
            return NoDisplay()
