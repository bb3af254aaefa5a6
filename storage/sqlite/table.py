"""Event table in SQLite, used by the single writing thread."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..clock import Clock
from ..errors import LogBusy, LogFull, LogUnreadable, RowRefused, StorageError, TailMissing
from ..hash_chain import ChainedTable
from ..head import EMPTY, Head, read_head, write_head
from ..layout import APPLICATION_ID, SCHEMA_VERSION
from ..rows import Row
from .files import log_file, make_folder
from .lock import WriterLock
from .reader import LAST_ASSIGNED, check_is_log, memory_uri

_CHECKPOINT = 8000
"""Pages that the write-ahead log may have before they are moved into the log: 32 MB of disk space.

Ids are random, so the same pages of their index change again and again. At SQLite's default of 1000 pages,
each of them is moved after every few commits.
"""


class _OneWriter(ChainedTable):
    """Table in an SQLite database without other writers. Not thread-safe by design."""

    Failed = sqlite3.Error
    Clash = sqlite3.IntegrityError

    def __init__(self, place: Path | str, database: str, clock: Clock, *, uri: bool = False) -> None:
        super().__init__(clock)
        self._place = place
        try:
            # The plain driver instead of SQLAlchemy, since every statement of an append counts.
            self._db = sqlite3.connect(
                database, timeout=5.0, check_same_thread=False, uri=uri, isolation_level=None
            )
            try:
                _prepare(self._db, place)
                self._seq = self._last_seq()
                self._check_head()
                self._continue_time()
            except BaseException:
                self._db.close()
                raise
        except sqlite3.DatabaseError as error:
            raise LogUnreadable(f"{place} cannot be opened as a log: {error}.") from error

    def anchor(self) -> None:
        """Do nothing: only a log in a file has a head anchor."""

    def claim(self, run: str) -> None:
        """Do nothing: this process alone writes to the log."""

    def close(self) -> None:
        """Close the database. The last connection to close checkpoints the write-ahead log."""
        self._db.close()

    def _begin(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def _execute(self, sql: str, values: tuple[object, ...] = ()) -> sqlite3.Cursor:
        return self._db.execute(sql, values)

    def _write(self, rows: list[Row]) -> None:
        self._db.executemany(self._insert, rows)

    def _explained(self, error: Exception) -> StorageError:
        if not isinstance(error, sqlite3.OperationalError):
            return RowRefused(f"{self._place} cannot store this event: {error}.")
        if "full" in str(error) or "disk I/O" in str(error):
            return LogFull(
                f"The disk is full: {self._place} could not be written ({error}). All events acknowledged so "
                "far are safe. Free some space, then continue with `tp resume`."
            )
        return LogUnreadable(f"{self._place} could not be written: {error}.")

    def _scalar(self, sql: str) -> Any:
        return self._db.execute(sql).fetchone()[0]

    def _last_seq(self) -> int:
        return int(self._scalar("SELECT COALESCE(MAX(seq), 0) FROM event") or 0)

    def _check_head(self) -> None:
        """Do nothing: only a log in a file has a head anchor."""


class SqliteTable(_OneWriter):
    """Table in an SQLite file, with a writer lock and a head anchor next to it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        path = log_file(path)
        make_folder(path)
        self._path = path
        self._name = str(path)
        self._lock = WriterLock(path)
        self._lock.acquire()
        try:
            super().__init__(path, str(path), clock)
            self._file = os.stat(path)
        except BaseException:
            self._lock.release()
            raise

    def anchor(self) -> None:
        """Replace the head anchor if events were committed since. It may lag, so this never raises."""
        last, self._last = self._last, None
        if last:
            # The next append reports a full disk.
            with suppress(OSError):
                write_head(self._path, Head(last.run, last.seq, last.hash.hex()))

    def close(self) -> None:
        """Close the file and release the lock."""
        super().close()
        self._lock.release()

    def _begin(self) -> None:
        super()._begin()
        # Within the transaction, so that a writer which is admitted after these checks waits for its end.
        regained = not self._lock.is_held()
        if regained:
            # The lock file was removed. A writer that came in meanwhile holds the new one.
            self._lock.acquire()
        self._check_file()
        seq = self._last_seq()
        if seq != self._seq:
            if regained:
                raise LogBusy(str(self._path), None)
            self._seq, self._tails = seq, {}

    def _check_file(self) -> None:
        try:
            same = os.path.samestat(os.stat(self._name), self._file)
        except OSError:
            same = False
        if not same:
            raise LogUnreadable(
                f"{self._path} was removed or replaced while it was being written, so nothing more can be "
                "stored. Put the file back, then continue with `tp resume`."
            )

    def _check_head(self) -> None:
        head = read_head(self._path)
        if head is None:
            self._accept_end()
            return
        if head != EMPTY:
            self._check_anchored(head)
        self._check_last_assigned()
        if head.seq < self._seq:
            self._write_head()

    def _check_anchored(self, head: Head) -> None:
        row = self._execute("SELECT hash FROM event WHERE seq = ?", (head.seq,)).fetchone()
        if row is None or row[0].hex() != head.hash:
            raise TailMissing(
                f"{self._path} ends at seq {self._seq}, but its head anchor remembers seq {head.seq} of run "
                f"{head.run} with another hash. Acknowledged events are lost: restore the log from a copy "
                "or, to continue with the remaining events, remove the .head file."
            )

    def _check_last_assigned(self) -> None:
        assigned = self._scalar(LAST_ASSIGNED)
        if assigned > self._seq:
            raise TailMissing(
                f"{self._path} ends at seq {self._seq}, but seq {assigned} was written. Acknowledged events "
                "are lost: restore the log from a copy or, to continue with the remaining events, remove the "
                ".head file."
            )

    def _accept_end(self) -> None:
        """Anchor a log without an anchor where it ends: the user has removed it, or copied only the log."""
        self._execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'event'", (self._seq,))
        self._write_head()

    def _write_head(self) -> None:
        row = self._execute("SELECT run, seq, hash FROM event ORDER BY seq DESC LIMIT 1").fetchone()
        # As in `anchor`: the next append reports a full disk.
        with suppress(OSError):
            write_head(self._path, Head(row[0], row[1], row[2].hex()) if row else EMPTY)


class MemoryTable(_OneWriter):
    """Table in the memory of this process. It disappears with the last connection to it."""

    def __init__(self, place: str, clock: Clock) -> None:
        super().__init__(place, memory_uri(place), clock, uri=True)


def _prepare(db: sqlite3.Connection, place: Path | str) -> None:
    """Create the log in an empty database. Raise `LogUnreadable` for a database that is not a log."""
    known = db.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()[0]
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if known and (application != APPLICATION_ID or version > SCHEMA_VERSION):
        raise LogUnreadable(
            f"{place} is a database, but not an event log that this version can write. Name another file."
        )
    if known:
        check_is_log(db, Path(place))
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
    if known:
        return
    from ..schema import sqlite_ddl  # Imported here, since it loads SQLAlchemy.

    db.execute("BEGIN IMMEDIATE")
    for statement in sqlite_ddl():
        db.execute(statement)
    db.execute("COMMIT")
