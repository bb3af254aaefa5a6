"""An event and the row that holds it: the columns of the table, in order."""

from typing import Any

from .event import Event


def to_event(row: tuple[Any, ...]) -> Event:
    """A row of the table as an event."""
    seq, run, version, id_, kind, schema, sender, recipients, *rest = row
    return Event(seq, run, version, id_, kind, schema, sender, tuple(recipients.split()), *rest)


def to_row(event: Event) -> tuple[object, ...]:
    """An event as a row of the table."""
    return (
        event.seq,
        event.run,
        event.version,
        event.id,
        event.kind,
        event.schema,
        event.sender,
        " ".join(event.recipients),
        event.cause,
        event.at,
        event.data,
        event.hash,
    )
