"""The keys of the replay, and the page that lists them."""

from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

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
    ("space", "play, pause"),
    ("right, left (l, h)", "one message on, one back"),
    ("down, up (page keys)", "ten messages on, ten back"),
    ("+, -", "faster, slower"),
    ("home, end (g, G)", "the first message; the last, and follow"),
    ("s, S", "the next stage, the one before"),
    ("p, P", "the next promoted prompt, the one before"),
    ("e, E", "the next error, the one before"),
    ("v", "the verdict"),
    ("/", "search for words (a regular expression)"),
    ("n, N", "found again further on, further back"),
    ("r", "only one role, then the next, then all again"),
    ("enter", "open the message in full, with the model calls behind it"),
    ("?", "this page"),
    ("q", "quit"),
)


class HelpScreen(ModalScreen[None]):
    """All keys; any of the usual ones closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter,space", "dismiss", "close")
    ]
    CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 76; max-width: 100%; height: auto; max-height: 100%;
        background: $surface; border: round $primary; padding: 0 1;
    }
    """

    def compose(self) -> ComposeResult:
        """One line for each key."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        for key, meaning in HELP:
            grid.add_row(Text(key, style="bold"), Text(meaning))
        with VerticalScroll():
            yield Static(grid)
