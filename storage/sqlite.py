"""The event table in an SQLite file, as the one writing thread sees it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.pool import StaticPool

from .columns import APPLICATION_ID, COLUMNS, SCHEMA_VERSION
from .crashpoints import crash_point
from .errors import IdConflict, LogUnreadable, TailMissing
from .event import Draft, Event, chain_hash, genesis
from .head import Head, read_head
from .reader import to_event
from .schema import INSERT, sqlite_ddl


class SqliteTable:
    """Appends in transactions, keeps the tail of every chain, knows the head. Not thread-safe by design."""

    def __init__(self, path: Path, clock: Callable[[], int]) -> None:
        self._path = path
        self._clock = clock
        self._engine = _engine(path)
        try:
            self._db = _prepare(self._engine, path)
            self._seq = int(self._scalar("SELECT COALESCE(MAX(seq), 0) FROM event") or 0)
            self._check_head()
        except DatabaseError as error:
            self._engine.dispose()
            raise LogUnreadable(f"{path} cannot be opened as a log: {error.orig}.") from error
        except BaseException:
            self._engine.dispose()
            raise
        self._tails: dict[str, tuple[int, bytes]] = {}
        self._last: Event | None = None

    def append(self, batches: Sequence[Sequence[Draft]]) -> list[tuple[list[Event], list[Event]]]:
        """Append every batch in one transaction.

        Returns, for each batch, its events (also those that were there before) and the new ones among them.
        """
        try:
            return self._insert([(list(batch), list(batch)) for batch in batches])
        except IntegrityError:
            return self._insert([(list(batch), self._unknown(batch)) for batch in batches])

    def head(self) -> Head | None:
        """Where this writer's last commit stands, once; None when nothing was committed since."""
        last, self._last = self._last, None
        return Head(last.run, last.seq, last.hash.hex()) if last else None

    def close(self) -> None:
        """Let go of the file; the last connection to close folds the write-ahead log into it."""
        self._db.close()
        self._engine.dispose()

    def _insert(
        self, batches: list[tuple[list[Draft], list[Draft]]]
    ) -> list[tuple[list[Event], list[Event]]]:
        seq, tails = self._seq, dict(self._tails)
        try:
            new = [[self._chained(d, i, tails) for i, d in self._number(fresh)] for _, fresh in batches]
            events = [event for batch in new for event in batch]
            if events:
                self._write([_row(event) for event in events])
                self._last = events[-1]
        except BaseException:
            self._seq = seq
            raise
        self._tails = tails
        return [
            (fresh if len(fresh) == len(batch) else self._merge(batch, fresh), fresh)
            for (batch, _), fresh in zip(batches, new, strict=True)
        ]

    def _write(self, rows: list[tuple[object, ...]]) -> None:
        try:
            crash_point("before-begin")
            self._db.exec_driver_sql("BEGIN IMMEDIATE")
            crash_point("after-begin")
            self._db.exec_driver_sql(INSERT, rows)
            crash_point("after-insert")
            self._db.exec_driver_sql("COMMIT")
            crash_point("after-commit")
        except BaseException:
            self._rollback()
            raise

    def _number(self, drafts: list[Draft]) -> list[tuple[int, Draft]]:
        first = self._seq + 1
        self._seq += len(drafts)
        return list(enumerate(drafts, first))

    def _chained(self, draft: Draft, seq: int, tails: dict[str, tuple[int, bytes]]) -> Event:
        if draft.run not in tails:
            tails[draft.run] = self._tail(draft.run)
        version, previous = tails[draft.run]
        at = self._clock()
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
            at,
            draft.data,
        )
        digest = chain_hash(previous, row)
        tails[draft.run] = (version + 1, digest)
        return to_event((*row, digest))

    def _tail(self, run: str) -> tuple[int, bytes]:
        row = self._db.exec_driver_sql(
            "SELECT version, hash FROM event WHERE run = ? ORDER BY version DESC LIMIT 1", (run,)
        ).first()
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

    def _merge(self, batch: list[Draft], fresh: list[Event]) -> list[Event]:
        known = {event.id: event for event in fresh}
        found = [known.get(draft.id) or self._find(draft.id) for draft in batch]
        return [event for event in found if event is not None]

    def _find(self, id_: str) -> Event | None:
        row = self._db.exec_driver_sql(f"SELECT {COLUMNS} FROM event WHERE id = ?", (id_,)).first()
        return to_event(tuple(row)) if row else None

    def _rollback(self) -> None:
        try:
            self._db.exec_driver_sql("ROLLBACK")
        except DatabaseError:
            return  # SQLite has rolled back by itself, as it does when the disk is full.

    def _scalar(self, sql: str) -> Any:
        return self._db.exec_driver_sql(sql).scalar()

    def _check_head(self) -> None:
        head = read_head(self._path)
        if head is None:
            return
        stored = self._scalar(f"SELECT hash FROM event WHERE seq = {head.seq:d}")
        if stored is None or bytes(stored).hex() != head.hash:
            raise TailMissing(
                f"{self._path} ends at seq {self._seq}, but its head anchor remembers seq {head.seq} of run "
                f"{head.run} with another past. Events that were acknowledged are gone: restore the log from "
                "a copy, or, to go on with what is left, remove the .head file."
            )


def _engine(path: Path) -> Engine:
    return create_engine(
        URL.create("sqlite", database=str(path)),  # not a string: a path may hold "?" or "%"
        isolation_level="AUTOCOMMIT",
        poolclass=StaticPool,
        connect_args={"check_same_thread": False, "timeout": 5.0},
    )


def _prepare(engine: Engine, path: Path) -> Connection:
    db = engine.connect()
    known = db.exec_driver_sql("SELECT COUNT(*) FROM sqlite_schema").scalar()
    application = db.exec_driver_sql("PRAGMA application_id").scalar()
    version = int(db.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    if known and (application != APPLICATION_ID or version > SCHEMA_VERSION):
        raise LogUnreadable(
            f"{path} is a database, but not an event log that this version can write. Name another file."
        )
    db.exec_driver_sql("PRAGMA journal_mode = WAL")
    db.exec_driver_sql("PRAGMA synchronous = FULL")
    db.exec_driver_sql("BEGIN IMMEDIATE")
    for statement in sqlite_ddl():
        db.exec_driver_sql(statement)
    db.exec_driver_sql("COMMIT")
    return db


def _row(event: Event) -> tuple[object, ...]:
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
