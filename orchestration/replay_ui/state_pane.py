"""The state of the run at the moment that is shown: leaderboard, races and cost."""

from rich.console import RenderableType
from textual.widget import Widget

from ..console.status_panel import status_panel
from .player import Player


class StatePane(Widget):
    """Draws the state at a player's position in the size of the pane, not of the terminal."""

    def __init__(self, player: Player) -> None:
        super().__init__(id="board")
        self._player = player

    def render(self) -> RenderableType:
        """Return the panel of the live display, which takes half of the height that it is given."""
        width, height = self.size
        return status_panel(self._player.view(), max(width, 1), 2 * height)
