"""What the run looked like at the moment that is shown: leaderboard, race and cost."""

from rich.console import RenderableType
from textual.widget import Widget

from ..console.status_panel import status_panel
from .player import Player


class StatePane(Widget):
    """Draws the view of a player's place; the size that counts is its own, whatever the terminal's."""

    def __init__(self, player: Player) -> None:
        super().__init__(id="board")
        self._player = player

    def render(self) -> RenderableType:
        """The region of the live display; it takes half of the height that it is given."""
        width, height = self.size
        return status_panel(self._player.view(), max(width, 1), 2 * height)
