"""Opening the screen of the replay from the command line, and what is said when it is left."""

from ...storage.opening import open_reader
from ...storage.place import Place
from ..console.selection import Selection
from ..projections.timeline import Timeline
from .app import ReplayApp
from .player import Player
from .verification import ReplayVerification


def show(
    place: Place,
    name: str,
    selection: Selection,
    *,
    speed: float = 0.0,
    to: int | None = None,
    verify: bool = True,
    follow: bool = False,
) -> ReplayVerification | None:
    """Show a run until the person leaves; returns how far its re-enactment came, None without one.

    With `speed` it plays from the beginning; with `follow` it begins at the end and stays there.
    """
    with open_reader(place) as reader:
        run = reader.resolve(name)
        player = Player(Timeline(reader, run, to=to), selection, speed=speed or 1.0)
        player.pinned = follow
        checking = ReplayVerification(place, run, to=to) if verify else None
        ReplayApp(player, checking, follow=follow, playing=speed > 0).run()
    return checking
