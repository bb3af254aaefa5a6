"""The keys of the replay, and the help page that lists them."""

from typing import ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from ..console.legend import explanation
from ..projections.run_state import RunState

KEYS: list[BindingType] = [
    Binding("space", "play", "play"),
    Binding("right,l", "step(1)", "step", key_display="←→"),
    Binding("left,h", "step(-1)", show=False),
    Binding("enter", "open", "open"),
    Binding("s", "jump('stage',1)", "stage"),
    Binding("p", "jump('promotion',1)", "promo"),
    Binding("e", "jump('error',1)", "error"),
    Binding("v", "jump('verdict',1)", "verdict"),
    Binding("slash", "search", "find", key_display="/"),
    Binding("r", "role", show=False),
    Binding("f", "fold", show=False),
    Binding("question_mark", "help", "help", key_display="?"),
    Binding("q,ctrl+c", "quit", "quit"),
    Binding("S", "jump('stage',-1)", show=False),
    Binding("P", "jump('promotion',-1)", show=False),
    Binding("E", "jump('error',-1)", show=False),
    Binding("plus,equals_sign,right_square_bracket", "pace(1)", show=False),
    Binding("minus,left_square_bracket", "pace(-1)", show=False),
    Binding("down,pagedown", "step(10)", show=False),
    Binding("up,pageup", "step(-10)", show=False),
    Binding("home,g", "start", show=False),
    Binding("end,G", "end", show=False),
    Binding("n", "again(1)", show=False),
    Binding("N", "again(-1)", show=False),
]
HELP = (
    ("space", "play or pause"),
    ("right, left (l, h)", "next message, previous message"),
    ("down, up (page keys)", "ten messages forward, ten back"),
    ("+, -", "play faster, slower"),
    ("home, end (g, G)", "first message; last message, following the run"),
    ("s, S", "next stage, previous stage"),
    ("p, P", "next promoted prompt, previous one"),
    ("e, E", "next error, previous one"),
    ("v", "verdict"),
    ("/", "search for text (a regular expression)"),
    ("n, N", "next match, previous match"),
    ("r", "one role only, the next role, then all roles"),
    ("f", "a line for each message; again: one for what is said alike"),
    ("enter", "open the message with its model calls"),
    ("?", "this page"),
    ("q", "quit"),
)


class HelpScreen(ModalScreen[None]):
    """The help page."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,space", "dismiss", "close")
    ]
    CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 84; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    """

    def __init__(self, view: RunState) -> None:
        super().__init__()
        self._view = view

    def compose(self) -> ComposeResult:
        """Yield a table with one line for each key, and one with the words and marks of the status."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        for key, meaning in HELP:
            grid.add_row(Text(key, style="bold"), Text(meaning))
        with VerticalScroll():
            yield Static(grid)
            yield Static(Group(Text(), *explanation(self._view)))
