"""Conversion between events and table rows."""

from typing import Any

from .event import Event

Row = tuple[Any, ...]
"""Values of the columns, in the order of `layout.COLUMNS`."""
_RECIPIENTS = 7


def to_event(row: Row) -> Event:
    """Return the event that a row stores."""
    seq, run, version, id_, kind, schema, sender, recipients, cause, at, data, hash_ = row
    return Event(
        seq, run, version, id_, kind, schema, sender, tuple(recipients.split()), cause, at, data, hash_
    )


def to_row(event: Event) -> Row:
    """Return the row that stores an event."""
    return (*event[:_RECIPIENTS], " ".join(event.recipients), *event[_RECIPIENTS + 1 :])
