"""The conversation up to one moment, its last message marked; as much of it as there is room for."""

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.text import Text
from textual.events import Click
from textual.message import Message as Signal
from textual.widget import Widget

from ..console.lines import lines
from ..projections.timeline import TimelineEntry
from .player import Player

_MARKED = "on grey23"


class Conversation(Widget):
    """Draws what a player shows; a click asks for the message under it in full."""

    class Chosen(Signal):
        """A message was clicked."""

        def __init__(self, told: TimelineEntry) -> None:
            super().__init__()
            self.told = told

    def __init__(self, player: Player) -> None:
        super().__init__(id="conversation")
        self._player = player
        self._rows: list[TimelineEntry] = []

    def render(self) -> RenderableType:
        """The last messages, oldest first, from the bottom up."""
        width, height = self.size.width, self.size.height
        console = Console(
            width=max(width, 1), height=max(height, 1), force_terminal=True, color_system="truecolor"
        )
        blocks: list[tuple[TimelineEntry, list[RenderableType]]] = []
        used = 0
        for told in self._player.backwards():
            if used >= height:
                break
            block = self._block(console, told, width)
            blocks.append((told, block))
            used += len(block)
        shown = [(told, line) for told, block in reversed(blocks) for line in block][-height:]
        empty = max(0, height - len(shown))
        self._rows = [told for told, _ in shown]
        self._top = empty
        return Group(*[Text()] * empty, *(line for _, line in shown))

    def _block(self, console: Console, told: TimelineEntry, width: int) -> list[RenderableType]:
        marked = told is self._player.now
        said = Group(*lines(told.event, told.message))
        block = Padding(said, (0, 0), style=_MARKED if marked else "", expand=marked)
        rendered = console.render_lines(block, console.options.update(width=width), pad=False)
        return [Segments([*line, Segment.line()]) for line in rendered]

    def on_click(self, event: Click) -> None:
        """Open what was clicked."""
        index = event.y - self._top
        if 0 <= index < len(self._rows):
            self.post_message(self.Chosen(self._rows[index]))
