"""The event table in an SQLite file, as the one writing thread sees it."""

import sqlite3
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DatabaseError, DBAPIError
from sqlalchemy.pool import StaticPool

from .chained import ChainedTable
from .columns import APPLICATION_ID, SCHEMA_VERSION
from .errors import LogFull, LogUnreadable, StorageError, TailMissing
from .head import Head, read_head, write_head
from .lock import WriterLock
from .reader import memory_uri
from .schema import sqlite_ddl


class _OneWriter(ChainedTable):
    """An SQLite database that nobody else writes to. Not thread-safe by design."""

    def __init__(self, place: Path | str, engine: Engine, clock: Callable[[], int]) -> None:
        self._place = place
        self._engine = engine
        try:
            super().__init__(_prepare(engine, place), clock)
            self._seq = int(self._scalar("SELECT COALESCE(MAX(seq), 0) FROM event") or 0)
            self._check_head()
        except DatabaseError as error:
            engine.dispose()
            raise LogUnreadable(f"{place} cannot be opened as a log: {error.orig}.") from error
        except BaseException:
            engine.dispose()
            raise

    def anchor(self) -> None:
        """Nothing to do where the log is no file."""

    def explain(self, error: DBAPIError) -> StorageError:
        """`LogFull` where the disk took no more, else `LogUnreadable`."""
        text = str(error.orig or error)
        if "full" in text or "disk I/O" in text:
            return LogFull(
                f"The disk took no more of {self._place} ({text}). All events acknowledged so far are safe. "
                "Make room, then `tp resume` goes on."
            )
        return LogUnreadable(f"{self._place} could not be written: {text}.")

    def close(self) -> None:
        """Let go of the database; the last connection to close folds the write-ahead log into the file."""
        self._db.close()
        self._engine.dispose()

    def _begin(self) -> None:
        self._db.exec_driver_sql("BEGIN IMMEDIATE")

    def _scalar(self, sql: str) -> Any:
        return self._db.exec_driver_sql(sql).scalar()

    def _check_head(self) -> None:
        """Nothing to compare with where the log is no file."""


class SqliteTable(_OneWriter):
    """The table in a file, with the lock and the head anchor beside it."""

    def __init__(self, path: Path, clock: Callable[[], int]) -> None:
        self._path = path
        self._lock = WriterLock(path)
        self._lock.acquire()
        try:
            super().__init__(path, _engine(str(path)), clock)
        except BaseException:
            self._lock.release()
            raise

    def anchor(self) -> None:
        """Replace the head anchor where something was committed since. It may lag: it never raises."""
        last, self._last = self._last, None
        if last:
            # A disk that is full is reported by the next append.
            with suppress(OSError):
                write_head(self._path, Head(last.run, last.seq, last.hash.hex()))

    def close(self) -> None:
        """Let go of the file and of the lock."""
        super().close()
        self._lock.release()

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


class MemoryTable(_OneWriter):
    """The table in the memory of this process, gone with the last connection to it."""

    def __init__(self, place: str, clock: Callable[[], int]) -> None:
        super().__init__(place, _engine(memory_uri(place), uri=True), clock)


def _engine(database: str, *, uri: bool = False) -> Engine:
    return create_engine(
        "sqlite://",
        # Not in the URL: a path may hold "?" or "%".
        creator=lambda: sqlite3.connect(database, timeout=5.0, check_same_thread=False, uri=uri),
        isolation_level="AUTOCOMMIT",
        poolclass=StaticPool,
    )


def _prepare(engine: Engine, place: Path | str) -> Connection:
    db = engine.connect()
    known = db.exec_driver_sql("SELECT COUNT(*) FROM sqlite_schema").scalar()
    application = db.exec_driver_sql("PRAGMA application_id").scalar()
    version = int(db.exec_driver_sql("PRAGMA user_version").scalar() or 0)
    if known and (application != APPLICATION_ID or version > SCHEMA_VERSION):
        raise LogUnreadable(
            f"{place} is a database, but not an event log that this version can write. Name another file."
        )
    db.exec_driver_sql("PRAGMA journal_mode = WAL")
    db.exec_driver_sql("PRAGMA synchronous = FULL")
    db.exec_driver_sql("BEGIN IMMEDIATE")
    for statement in sqlite_ddl():
        db.exec_driver_sql(statement)
    db.exec_driver_sql("COMMIT")
    return db
