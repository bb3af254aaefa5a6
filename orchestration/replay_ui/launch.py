"""Opens the screen of the replay for the command line."""

import sys

from ...storage.opening import open_reader
from ...storage.place import Place
from ..console.selection import Selection
from ..console.terminal_guard import SCREEN, guarded_terminal
from ..projections.timeline import Timeline
from ..trust.consent import Consent
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
    consent: Consent | None = None,
    follow: bool = False,
) -> ReplayVerification | None:
    """Show a run until the person leaves; return its re-enactment, or None without `consent`.

    With a positive `speed` it plays from the beginning. With `follow` it begins at the end and stays there
    while the log grows.
    """
    with open_reader(place) as reader:
        run = reader.resolve(name)
        player = Player(Timeline(reader, run, to=to, calls=selection.calls), selection, speed=speed or 1.0)
        player.pinned = follow
        verification = None if consent is None else ReplayVerification(place, run, consent, to=to)
        app = ReplayApp(player, verification, follow=follow, playing=speed > 0)
        # Textual draws on the error stream of the process.
        with guarded_terminal(SCREEN, sys.__stderr__):
            app.run()
    if app.return_code:
        raise SystemExit(app.return_code)
    return verification
