"""What `show` prints: the outcome of a run, or one message in full."""

from rich.console import Console
from rich.json import JSON
from rich.text import Text

from ...agents.codec import decode
from ...storage.event import Event
from ...storage.queries import Reader
from ..console.result import outcome
from ..view import RunView, message_for
from .documents import print_json


def print_event(event: Event, *, as_json: bool) -> None:
    """One message in full."""
    message = decode(event).model_dump(mode="json")
    envelope = {
        "seq": event.seq,
        "run": event.run,
        "version": event.version,
        "id": event.id,
        "kind": event.kind,
        "schema": event.schema,
        "sender": event.sender,
        "recipients": list(event.recipients),
        "cause": event.cause,
        "time": event.time.isoformat(),
        "hash": event.hash.hex(),
    }
    if as_json:
        print_json({**envelope, "message": message})
        return
    console = Console()
    for key, value in envelope.items():
        console.print(Text.assemble((f"{key:>10}  ", "dim"), str(value)), soft_wrap=True)
    console.print(JSON.from_data(message), soft_wrap=True)


def print_outcome(reader: Reader, run: str, *, as_json: bool) -> None:
    """The prompts of a run with their score vectors, and the verdict."""
    view = RunView()
    # Nothing in the tables is about calls, which are nearly all of a log.
    for event in reader.read(run) if as_json else reader.said(run):
        view.feed(event, message_for(event))
    if as_json:
        print_json(view.as_json())
        return
    Console().print(outcome(view))
