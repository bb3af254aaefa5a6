"""The conversation up to one moment, as much of it as fits, with its last message marked."""

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.text import Text
from textual.events import Click
from textual.message import Message as Signal
from textual.widget import Widget

from ..console.lines import lines
from ..console.safe_console import SafeConsole
from ..projections.timeline import TimelineEntry
from .player import Player

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
        self._rows: list[TimelineEntry] = []

    def render(self) -> RenderableType:
        """Return the last messages, oldest first, aligned with the bottom."""
        width, height = self.size.width, self.size.height
        console = SafeConsole(
            width=max(width, 1), height=max(height, 1), force_terminal=True, color_system="truecolor"
        )
        blocks: list[tuple[TimelineEntry, list[RenderableType]]] = []
        used = 0
        for entry in self._player.backwards():
            if used >= height:
                break
            block = self._block(console, entry, width)
            blocks.append((entry, block))
            used += len(block)
        shown = [(entry, line) for entry, block in reversed(blocks) for line in block][-height:]
        empty = max(0, height - len(shown))
        self._rows = [entry for entry, _ in shown]
        self._top = empty
        return Group(*[Text()] * empty, *(line for _, line in shown))

    def _block(self, console: Console, entry: TimelineEntry, width: int) -> list[RenderableType]:
        marked = entry is self._player.now
        text = Group(*lines(entry.event, entry.message))
        block = Padding(text, (0, 0), style=_MARKED if marked else "", expand=marked)
        rendered = console.render_lines(block, console.options.update(width=width), pad=False)
        return [Segments([*line, Segment.line()]) for line in rendered]

    def on_click(self, event: Click) -> None:
        """Ask to open the message that was clicked."""
        index = event.y - self._top
        if 0 <= index < len(self._rows):
            self.post_message(self.Chosen(self._rows[index]))
