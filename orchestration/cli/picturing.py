"""What `watch --svg` writes: the live view of a run as a picture."""

from pathlib import Path

from ...storage.opening import open_reader
from ...storage.place import Place
from ..console.lines import lines
from ..console.picture import picture
from ..console.selection import Chooser, Selection
from ..projections.run_state import RunState, message_for

WIDTH, HEIGHT = 100, 34
"""The terminal that is drawn, in characters."""


def draw(place: Place, name: str, path: Path, *, tail: int | None, selection: Selection) -> None:
    """Write the last messages of a run and its state, as a terminal of `WIDTH` x `HEIGHT` shows them."""
    view, told = RunState(), []
    with open_reader(place) as reader:
        run = reader.resolve(name)
        chooser = Chooser(selection)
        for event in reader.read(run):
            message = message_for(event)
            view.apply(event, message)
            if chooser.takes(event):
                told += lines(event, message)
    title = f"tp watch {run}"
    drawn = picture(view, told, title, width=WIDTH, height=HEIGHT, tail=tail)
    path.write_text(drawn, encoding="utf-8")
