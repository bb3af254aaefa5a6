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
from ..console.trace import trace_text
from ..console.visible import one_line
from ..projections.execution_trace import ExecutionTrace, execution_of, read_trace
from ..projections.executions import is_execution
from .output import fields, print_document
from .screen import open_screen

_LONGEST = 400
"""Characters of a request or a reply in a trace; --json has them whole."""


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
    execution: int | None
    """Seq of the execution of a program that has made this call; null for any other event."""
    trace: ExecutionTrace | None
    """Trace of the execution that this event demands or ends; null for any other event."""


def print_event(reader: Reader, run: str, seq: int, *, as_json: bool) -> None:
    """Print one event in full. If it was redacted, print the event that records this, and say so on stderr.

    Raise `PayloadRedacted` if there is no such record.
    """
    document = _document(reader, _event_or_record(reader, run, seq))
    if as_json:
        print_document("event", document)
        return
    console = open_screen()
    for key, value in fields(document).items():
        if key not in ("message", "trace") and (key != "execution" or value is not None):
            console.print(Text.assemble((f"{key:>14}  ", "dim"), one_line(str(value))), soft_wrap=True)
    if document.trace is not None:
        console.print(trace_text(document.trace, longest=_LONGEST), soft_wrap=True)
        return
    console.print(JSON.from_data(document.message), soft_wrap=True)


def _document(reader: Reader, event: Event) -> EventDocument:
    execution = execution_of(reader, event)
    own = execution is not None and is_execution(event)
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
        execution=None if own or execution is None else execution.seq,
        trace=read_trace(reader, execution) if own and execution is not None else None,
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
