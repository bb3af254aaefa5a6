"""Interface of the table that stores a log, independent of the database."""

from collections.abc import Sequence
from typing import Protocol

from .event import Draft, Event

Written = tuple[list[Event], list[Event]]
"""Events of one batch: all of them, and those that this append has added."""


class Table(Protocol):
    """Table of events, used by the single writing thread of a process.

    An open table accepts appends. A table for a single writer takes its lock when it is opened, and raises
    `LogBusy` then. After an error the table has nothing of the failed call, and the next call may succeed.
    """

    def append(self, batches: Sequence[Sequence[Draft]]) -> list[Written]:
        """Append every batch in one transaction, durable on return.

        Raise `IdConflict` if an id is stored with different contents; `RowRefused`, `ValueError`, `TypeError`
        or `OverflowError` if a draft cannot be stored; `LogFull` or `LogUnreadable` if the database fails.
        """

    def index_keys(self) -> None:
        """Let replies be found quickly by the keys of their calls, from now on.

        Raise `LogFull` or `LogUnreadable` if the database fails.
        """

    def claim(self, run: str) -> None:
        """Let no other process claim `run` before this table is closed. Raise `RunBusy` if one has it."""

    def anchor(self) -> None:
        """Write the head anchor, unless the transaction has written it. Never raises."""

    def close(self) -> None:
        """Close the database and release the lock, if there is one."""
