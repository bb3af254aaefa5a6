"""Which display a command uses: the one place where that is decided."""

from typing import Literal

from rich.console import Console

from ...storage.event import Event
from .base import Display
from .json_lines import JsonDisplay
from .live import LiveDisplay
from .plain import PlainDisplay

__all__ = ["Display", "Mode", "NoDisplay", "choose_display"]

Mode = Literal["auto", "live", "plain", "json", "none"]


class NoDisplay(Display):
    """Shows nothing."""

    def feed(self, event: Event) -> None:
        """Nothing is shown."""

    def close(self) -> None:
        """Nothing is shown."""


def choose_display(mode: Mode, console: Console) -> Display:
    """The display for `mode`; "auto" is "live" at a terminal and "plain" elsewhere.

    Everything goes to `console`, apart from "json", which is data and goes to standard output.
    """
    match mode:
        case "json":
            return JsonDisplay()
        case "none":
            return NoDisplay()
        case "live":
            return LiveDisplay(console)
        case "plain":
            return PlainDisplay(console)
        case "auto":
            # A "dumb" terminal cannot move its cursor.
            moving = console.is_terminal and not console.is_dumb_terminal
            return LiveDisplay(console) if moving else PlainDisplay(console)
