"""Numbering, chaining and idempotence: the part of a table that is the same in every database."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, IntegrityError

from .columns import COLUMNS
from .crashpoints import crash_point
from .errors import IdConflict
from .event import Draft, Event, chain_hash, genesis
from .rows import to_event, to_row
from .schema import INSERT
from .table import Written

Tails = dict[str, tuple[int, bytes]]
"""For each run the version and the hash of its last event."""


class ChainedTable(ABC):
    """The numbering, chaining and idempotence of every table. `mark` is the database's placeholder."""

    def __init__(self, db: Connection, clock: Callable[[], int], mark: str = "?") -> None:
        self._db = db
        self._clock = clock
        self._seq = 0
        self._tails: Tails = {}
        self._last: Event | None = None
        self._insert = INSERT.replace("?", mark)
        self._by_id = f"SELECT {COLUMNS} FROM event WHERE id = {mark}"
        self._tail_of = f"SELECT version, hash FROM event WHERE run = {mark} ORDER BY version DESC LIMIT 1"

    @abstractmethod
    def _begin(self) -> None:
        """Open a transaction that no other appender can overlap; `_seq` and `_tails` hold in it."""

    def append(self, batches: Sequence[Sequence[Draft]]) -> list[Written]:
        """Append every batch in one transaction. Raises `IdConflict` and `DBAPIError`."""
        try:
            return self._commit(batches, list)
        except IntegrityError:
            # An id that is there already, or a tail that another process moved: look before writing.
            self._tails = {}
            return self._commit(batches, self._unknown)

    def _commit(
        self, batches: Sequence[Sequence[Draft]], sift: Callable[[Sequence[Draft]], list[Draft]]
    ) -> list[Written]:
        try:
            crash_point("before-begin")
            self._begin()
            crash_point("after-begin")
            tails, seq = dict(self._tails), self._seq
            new: list[list[Event]] = []
            for batch in batches:
                new.append([self._chained(d, i, tails) for i, d in enumerate(sift(batch), seq + 1)])
                seq += len(new[-1])
            self._write([event for fresh in new for event in fresh])
            written = [self._merge(batch, fresh) for batch, fresh in zip(batches, new, strict=True)]
            crash_point("after-insert")
            self._db.exec_driver_sql("COMMIT")
            crash_point("after-commit")
        except BaseException:
            self._rollback()
            raise
        self._tails, self._seq = tails, seq
        self._last = next((fresh[-1] for fresh in reversed(new) if fresh), self._last)
        return written

    def _write(self, events: list[Event]) -> None:
        if events:
            self._db.exec_driver_sql(self._insert, [to_row(event) for event in events])

    def _chained(self, draft: Draft, seq: int, tails: Tails) -> Event:
        if draft.run not in tails:
            tails[draft.run] = self._tail(draft.run)
        version, previous = tails[draft.run]
        row = (
            seq,
            draft.run,
            version + 1,
            draft.id,
            draft.kind,
            draft.schema,
            draft.sender,
            " ".join(draft.recipients),
            draft.cause,
            self._clock(),
            draft.data,
        )
        digest = chain_hash(previous, row)
        tails[draft.run] = (version + 1, digest)
        return to_event((*row, digest))

    def _tail(self, run: str) -> tuple[int, bytes]:
        row = self._db.exec_driver_sql(self._tail_of, (run,)).first()
        return (row[0], row[1]) if row else (0, genesis(run))

    def _unknown(self, batch: Sequence[Draft]) -> list[Draft]:
        """The drafts of `batch` that are not in the log. Raises `IdConflict` where bytes differ."""
        fresh: dict[str, Draft] = {}
        for draft in batch:
            there = self._find(draft.id)
            if there is None and fresh.setdefault(draft.id, draft) == draft:
                continue
            if there is None or not there.same_as(draft):
                where = f" as seq {there.seq}" if there else " twice in one batch"
                raise IdConflict(f"Event {draft.id} ({draft.kind}) was appended{where} with other contents.")
        return list(fresh.values())

    def _merge(self, batch: Sequence[Draft], fresh: list[Event]) -> Written:
        if len(fresh) == len(batch):
            return fresh, fresh
        known = {event.id: event for event in fresh}
        found = [known.get(draft.id) or self._find(draft.id) for draft in batch]
        return [event for event in found if event is not None], fresh

    def _find(self, id_: str) -> Event | None:
        row = self._db.exec_driver_sql(self._by_id, (id_,)).first()
        return to_event(tuple(row)) if row else None

    def _rollback(self) -> None:
        # SQLite may have rolled back by itself, as it does when the disk is full.
        with suppress(DatabaseError):
            self._db.exec_driver_sql("ROLLBACK")
