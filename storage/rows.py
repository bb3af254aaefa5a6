"""An event and the row that holds it: the columns of the table, in order."""

from typing import Any

from .event import Event

Row = tuple[Any, ...]
"""The columns of the table, in order."""
_RECIPIENTS = 7


def to_event(row: Row) -> Event:
    """A row of the table as an event."""
    seq, run, version, id_, kind, schema, sender, recipients, cause, at, data, hash_ = row
    return Event(
        seq, run, version, id_, kind, schema, sender, tuple(recipients.split()), cause, at, data, hash_
    )


def to_row(event: Event) -> Row:
    """An event as a row of the table."""
    return (*event[:_RECIPIENTS], " ".join(event.recipients), *event[_RECIPIENTS + 1 :])
