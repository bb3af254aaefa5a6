"""Conversion between events and table rows."""

from typing import Any

from .envelope import envelope_fault, quoted
from .errors import LogUnreadable
from .event import Event

Row = tuple[Any, ...]
"""Values of the columns, in the order of `layout.COLUMNS`."""
_RECIPIENTS = 7


def to_event(row: Row) -> Event:
    """Return the event that a row stores. Raise `LogUnreadable` if no such event can be."""
    if fault := envelope_fault(row):
        raise LogUnreadable(
            f"Seq {quoted(row[0])} is no event of this program: {fault}. The log was changed, or comes from "
            "another program; restore it from a copy."
        )
    return checked_event(row)


def checked_event(row: Row) -> Event:
    """Return the event of a row whose envelope was checked before."""
    seq, run, version, id_, kind, schema, sender, recipients, cause, at, data, hash_ = row
    names = tuple(recipients.split())
    # As `Event(...)` does, without a call in between: a reader makes one for every row.
    return tuple.__new__(Event, (seq, run, version, id_, kind, schema, sender, names, cause, at, data, hash_))


def event_row(event: Event) -> Row:
    """Return the row that stores an event."""
    return (*event[:_RECIPIENTS], " ".join(event.recipients), *event[_RECIPIENTS + 1 :])
