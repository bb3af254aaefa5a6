"""What a log asks of the table it is kept in, whatever the database."""

from collections.abc import Sequence
from typing import Protocol

from .event import Draft, Event

Written = tuple[list[Event], list[Event]]
"""Of one batch: its events, also those that were there before, and the new ones among them."""


class Table(Protocol):
    """The place of the events, as the one writing thread of a process sees it.

    Whoever holds a table may append: one that takes a single writer locks when it is opened and raises
    `LogBusy` there. After an error nothing of the call is in the table, and the next call may succeed.
    """

    def append(self, batches: Sequence[Sequence[Draft]]) -> list[Written]:
        """Append every batch in one transaction, durable on return.

        Raises `IdConflict` where an id is there with other bytes, `RowRefused`, `ValueError`, `TypeError` or
        `OverflowError` where a draft cannot be stored, and `LogFull` or `LogUnreadable` where it is the
        database that fails.
        """

    def anchor(self) -> None:
        """Write down where the log ends, where that is not part of the transaction. Never raises."""

    def close(self) -> None:
        """Let go of the database and of the lock, if there is one."""
