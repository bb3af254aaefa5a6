"""The conversation up to one moment, as much of it as fits, with its last message marked."""

from itertools import islice

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.text import Text
from textual.events import Click
from textual.message import Message as Signal
from textual.widget import Widget

from ..console.blocks import block_lines
from ..console.safe_console import SafeConsole
from ..projections.conversation import Block
from ..projections.conversation import Conversation as Folded
from ..projections.timeline import TimelineEntry
from .player import Player

_WINDOW = 30
"""Messages looked at for each line of the screen: a block may have that many."""
_MARKED = "on grey23"


class Conversation(Widget):
    """Draws the messages up to a player's position; a click on a message asks to open it."""

    class Chosen(Signal):
        """A message was clicked."""

        def __init__(self, entry: TimelineEntry) -> None:
            super().__init__()
            self.entry = entry

    def __init__(self, player: Player) -> None:
        super().__init__(id="conversation")
        self._player = player
        self.folds = player.selection.folds
        """True if what is said alike about several prompts is one line."""
        self._rows: list[TimelineEntry] = []
        self._entries: dict[int, TimelineEntry] = {}

    def render(self) -> RenderableType:
        """Return the last blocks, oldest first, aligned with the bottom."""
        width, height = self.size.width, self.size.height
        console = SafeConsole(
            width=max(width, 1), height=max(height, 1), force_terminal=True, color_system="truecolor"
        )
        shown: list[tuple[TimelineEntry, RenderableType]] = []
        for block, open_ in reversed(self._blocks(_WINDOW * max(height, 1))):
            if len(shown) >= height:
                break
            entry = self._entries[block.events[-1].seq]
            drawn = self._draw(console, block, entry is self._player.now, open_, width)
            shown[:0] = [(entry, line) for line in drawn]
        shown = shown[-height:] if height else []
        empty = max(0, height - len(shown))
        self._rows = [entry for entry, _ in shown]
        self._top = empty
        return Group(*[Text()] * empty, *(line for _, line in shown))

    def _blocks(self, count: int) -> list[tuple[Block, bool]]:
        """Return the last `count` messages in blocks, and whether each block is still open."""
        entries = list(islice(self._player.backwards(), count))[::-1]
        self._entries = {entry.event.seq: entry for entry in entries}
        conversation = Folded(self.folds)
        complete = [block for entry in entries for block in conversation.apply(entry.event, entry.message)]
        return [*((block, False) for block in complete), *((block, True) for block in conversation.open)]

    def _draw(
        self, console: Console, block: Block, marked: bool, open_: bool, width: int
    ) -> list[RenderableType]:
        text = Group(*block_lines(block, open_=open_))
        padded = Padding(text, (0, 0), style=_MARKED if marked else "", expand=marked)
        rendered = console.render_lines(padded, console.options.update(width=width), pad=False)
        return [Segments([*line, Segment.line()]) for line in rendered]

    def on_click(self, event: Click) -> None:
        """Ask to open the message that was clicked."""
        index = event.y - self._top
        if 0 <= index < len(self._rows):
            self.post_message(self.Chosen(self._rows[index]))
