"""Numbering, hash chain and idempotent append: the part of a table that every database shares."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from .clock import Clock, ForwardClock
from .crash_points import crash_point
from .envelope import LATEST, envelope_fault
from .errors import IdConflict, LogUnreadable, RowRefused, StorageError
from .event import Draft, Event, chain_hash, genesis
from .layout import COLUMNS, INSERT, KEY_INDEX
from .rows import Row, checked_event, to_event
from .table_protocol import Written

Tails = dict[str, tuple[int, bytes, int]]
"""Version, hash and time of the last event of each run."""


class ChainedTable(ABC):
    """Base class of tables: numbers and chains rows, and appends them idempotently.

    `mark` is the database's placeholder for a value.
    """

    Failed: type[Exception]
    """Base class of the errors that the database's driver raises."""
    Clash: type[Exception]
    """Error that the driver raises if a row already exists."""

    def __init__(self, clock: Clock, mark: str = "?") -> None:
        self._clock = ForwardClock(clock)
        self._seq = 0
        self._tails: Tails = {}
        self._last: Event | None = None
        self._insert = INSERT.replace("?", mark)
        self._by_id = f"SELECT {COLUMNS} FROM event WHERE id = {mark}"
        self._tail_of = (
            f"SELECT version, hash, at FROM event WHERE run = {mark} ORDER BY version DESC LIMIT 1"
        )

    @abstractmethod
    def _begin(self) -> None:
        """Begin a transaction that excludes other appenders, and bring `_seq` and `_tails` up to date."""

    @abstractmethod
    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> Any:
        """Execute one statement and return the driver's cursor."""

    @abstractmethod
    def _write(self, rows: list[Row]) -> None:
        """Insert `rows`, a non-empty list."""

    @abstractmethod
    def _explained(self, error: Exception) -> StorageError:
        """Translate a driver's error; return `RowRefused` if the drafts are at fault."""

    def index_keys(self) -> None:
        """Create the index of the replies by their keys; see `Table.index_keys`."""
        try:
            try:
                self._begin()
                self._execute(KEY_INDEX)
                self._execute("COMMIT")
            except BaseException:
                self._rollback()
                raise
        except self.Failed as error:
            raise self._explained(error) from error

    def append(self, batches: Sequence[Sequence[Draft]]) -> list[Written]:
        """Append every batch in one transaction; see `Table.append`."""
        try:
            try:
                return self._commit(batches, list)
            except self.Clash:
                # Either an id is already in the log or another process has appended: look up each id first.
                self._tails = {}
                return self._commit(batches, self._not_stored)
        except self.Failed as error:
            raise self._explained(error) from error

    def _commit(
        self, batches: Sequence[Sequence[Draft]], select: Callable[[Sequence[Draft]], list[Draft]]
    ) -> list[Written]:
        try:
            crash_point("before-begin")
            self._begin()
            crash_point("after-begin")
            tails: Tails = dict(self._tails)
            rows: list[Row] = []
            new: list[list[Event]] = []
            for batch in batches:
                fresh = [
                    self._chained(d, n, tails) for n, d in enumerate(select(batch), self._seq + len(rows) + 1)
                ]
                rows += fresh
                new.append(list(map(checked_event, fresh)))
            if rows:
                self._write(rows)
            written = [self._merge(batch, fresh) for batch, fresh in zip(batches, new, strict=True)]
            crash_point("after-insert")
            self._execute("COMMIT")
            crash_point("after-commit")
        except BaseException:
            self._rollback()
            raise
        self._tails, self._seq = tails, self._seq + len(rows)
        self._last = next((events[-1] for events in reversed(new) if events), self._last)
        return written

    def _chained(self, draft: Draft, seq: int, tails: Tails) -> Row:
        run, id_, kind, schema, sender, recipients, cause, data = draft
        if run not in tails:
            tails[run] = self._tail(run)
        version, previous, last_at = tails[run]
        version += 1
        at = self._clock.after(last_at)
        row = (seq, run, version, id_, kind, schema, sender, " ".join(recipients), cause, at, data)
        if fault := envelope_fault(row):
            raise RowRefused(f"An event of {sender!a} cannot be stored: {fault}.")
        digest = chain_hash(previous, row)
        tails[run] = (version, digest, at)
        return (*row, digest)

    def _tail(self, run: str) -> tuple[int, bytes, int]:
        row = self._execute(self._tail_of, (run,)).fetchone()
        return (row[0], row[1], row[2]) if row else (0, genesis(run), 0)

    def _continue_time(self) -> None:
        """Let the clock pass the last event of the log, whose writer may have had another wall clock."""
        row = self._execute("SELECT seq, at FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        if row and not 0 <= row[1] < LATEST:
            raise LogUnreadable(f"The time of seq {row[0]} is out of range. Restore the log from a copy.")
        self._clock.earliest = row[1] if row else 0

    def _not_stored(self, batch: Sequence[Draft]) -> list[Draft]:
        """Return the drafts of `batch` that are not in the log. Raise `IdConflict` if contents differ."""
        fresh: dict[str, Draft] = {}
        for draft in batch:
            stored = self._find(draft.id)
            if stored is None and fresh.setdefault(draft.id, draft) == draft:
                continue
            if stored is None or not stored.same_as(draft):
                where = f" as seq {stored.seq}" if stored else " twice in one batch"
                raise IdConflict(f"Event {draft.id} ({draft.kind}) was appended{where} with other contents.")
        return list(fresh.values())

    def _merge(self, batch: Sequence[Draft], fresh: list[Event]) -> Written:
        if len(fresh) == len(batch):
            return fresh, fresh
        known = {event.id: event for event in fresh}
        found = [known.get(draft.id) or self._find(draft.id) for draft in batch]
        return [event for event in found if event is not None], fresh

    def _find(self, id_: str) -> Event | None:
        row = self._execute(self._by_id, (id_,)).fetchone()
        return to_event(row) if row else None

    def _rollback(self) -> None:
        # SQLite has already rolled back by itself after some errors, such as a full disk.
        with suppress(self.Failed):
            self._execute("ROLLBACK")
