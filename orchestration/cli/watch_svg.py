"""Output of `watch --svg`: the live view of a run as a picture."""

from pathlib import Path

from ...agents.call_events import CALL_KINDS
from ...storage.hints import command
from ...storage.place import Place
from ..console.blocks import block_lines
from ..console.picture import picture
from ..console.selection import Chooser, Selection
from ..projections.conversation import Block, Conversation
from ..projections.decoding import message_for
from ..projections.run_state import RunState
from .log_reading import open_log
from .output import write_text

WIDTH, HEIGHT = 100, 34
"""The size of the terminal that is drawn, in characters."""


def draw(
    place: Place, name: str, path: Path, *, tail: int | None, selection: Selection, to: int | None = None
) -> None:
    """Write the latest messages of a run and its state as a terminal of `WIDTH` x `HEIGHT` shows them.

    `to` is the seq of the last event that is taken in; None takes in all.
    """
    view, conversation = RunState(), Conversation(selection.folds)
    blocks: list[Block] = []
    with open_log(place) as reader:
        run = reader.resolve(name)
        chooser = Chooser(selection)
        for event in reader.read(run):
            if to is not None and event.seq > to:
                break
            message = message_for(event)
            view.apply(event, message)
            if not chooser.takes(event):
                conversation.note(message)
            elif selection.calls or event.kind not in CALL_KINDS:
                blocks += conversation.apply(event, message)
    shown = [line for block in blocks for line in block_lines(block)]
    shown += [line for block in conversation.open for line in block_lines(block, open_=True)]
    drawn = picture(view, shown, command("watch", run), width=WIDTH, height=HEIGHT, tail=tail)
    write_text(path, drawn)
