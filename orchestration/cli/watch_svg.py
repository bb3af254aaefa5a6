"""Output of `watch --svg`: the live view of a run as a picture."""

from pathlib import Path

from rich.console import RenderableType

from ...storage.hints import command
from ...storage.place import Place
from ..console.lines import lines
from ..console.picture import picture
from ..console.selection import Chooser, Selection
from ..projections.decoding import message_for
from ..projections.run_state import RunState
from .log_reading import open_log
from .output import write_text

WIDTH, HEIGHT = 100, 34
"""The size of the terminal that is drawn, in characters."""


def draw(place: Place, name: str, path: Path, *, tail: int | None, selection: Selection) -> None:
    """Write the latest messages of a run and its state as a terminal of `WIDTH` x `HEIGHT` shows them."""
    view = RunState()
    shown: list[RenderableType] = []
    with open_log(place) as reader:
        run = reader.resolve(name)
        chooser = Chooser(selection)
        for event in reader.read(run):
            message = message_for(event)
            view.apply(event, message)
            if chooser.takes(event):
                shown += lines(event, message)
    drawn = picture(view, shown, command("watch", run), width=WIDTH, height=HEIGHT, tail=tail)
    write_text(path, drawn)
