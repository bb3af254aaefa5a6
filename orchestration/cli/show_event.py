"""Output of `show RUN SEQ`: one event in full."""

import sys
from dataclasses import dataclass
from typing import Any

from rich.json import JSON
from rich.text import Text

from ...agents.messages import EventRedacted
from ...agents.messages.codec import decode
from ...storage.event import Event
from ...storage.reader import Reader
from ...storage.redaction import RECORD, PayloadRedacted, is_redacted
from ..console.visible import one_line
from .output import fields, print_document
from .screen import open_screen


@dataclass(frozen=True, slots=True)
class EventLine:
    """A line of `--display json`: one event of the log. `message` is null if it was redacted."""

    seq: int
    run: str
    version: int
    kind: str
    sender: str
    recipients: list[str]
    cause: str | None
    time: str
    """ISO 8601, UTC."""
    message: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class EventDocument(EventLine):
    """One event in full. docs/messages.md describes the shapes of `message`."""

    id: str
    message_schema: int
    hash: str


def print_event(reader: Reader, run: str, seq: int, *, as_json: bool) -> None:
    """Print one event in full. If it was redacted, print the event that records this, and say so on stderr.

    Raise `PayloadRedacted` if there is no such record.
    """
    document = _document(_event_or_record(reader, run, seq))
    if as_json:
        print_document("event", document)
        return
    console = open_screen()
    for key, value in fields(document).items():
        if key != "message":
            console.print(Text.assemble((f"{key:>14}  ", "dim"), one_line(str(value))), soft_wrap=True)
    console.print(JSON.from_data(document.message), soft_wrap=True)


def _document(event: Event) -> EventDocument:
    return EventDocument(
        seq=event.seq,
        run=event.run,
        version=event.version,
        kind=event.kind,
        sender=event.sender,
        recipients=list(event.recipients),
        cause=event.cause,
        time=event.time.isoformat(),
        message=decode(event).model_dump(mode="json"),
        id=event.id,
        message_schema=event.schema,
        hash=event.hash.hex(),
    )


def _event_or_record(reader: Reader, run: str, seq: int) -> Event:
    event = reader.event(run, seq)
    if not is_redacted(event):
        return event
    for record in reader.read(run, after=seq, kinds=(RECORD,)):
        message = decode(record)
        if isinstance(message, EventRedacted) and message.event == event.id:
            notice = f"Seq {seq} ({event.kind} from {event.sender}) was redacted. This is the record of that:"
            print(notice, file=sys.stderr)
            return record
    raise PayloadRedacted(event)
