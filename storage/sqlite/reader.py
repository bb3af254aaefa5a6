"""Reader of a log in SQLite. It takes no lock, creates no file and imports no library but sqlite3."""

import os
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import LogEmpty, LogNotFound, LogUnreadable
from ..event import Event
from ..head import Head, read_head
from ..layout import APPLICATION_ID, SCHEMA_VERSION
from ..reader import Reader, RunSummary
from .files import log_file

if TYPE_CHECKING:
    from .file_watch import FileWatch

__all__ = ["LogReader", "MemoryReader", "Reader", "RunSummary", "check_is_log", "memory_uri"]

LAST_ASSIGNED = "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = 'event'"
"""Query for the largest seq that was ever committed. SQLite keeps it, even if the event is deleted later."""
_GAP = 0.01
"""Seconds between two checks of a log that is being written: a hundred checks a second are cheap."""
_CHECKS = 20
"""Checks after each notification. It comes before the commit ends, so a single check would be too early."""
_POLL = 0.02
"""Seconds between checks without notifications."""


class LogReader(Reader):
    """A read-only view of a log in an SQLite file."""

    def __init__(self, path: Path) -> None:
        self.place = path
        self.path = log_file(path)
        if not self.path.exists():
            raise LogNotFound(
                f"There is no log at {path}. `tp run` creates one; --log names another; `tp replay demo` "
                "shows a recorded run."
            )
        self._live = False
        self._db = self._connect()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _connect(self) -> sqlite3.Connection:
        # A log without a writer has no -wal file. Opening it "ro" would create one, "immutable" does not.
        self._live = self.path.with_name(self.path.name + "-wal").exists()
        mode = "mode=ro" if self._live else "mode=ro&immutable=1"
        try:
            db = sqlite3.connect(f"file:{quote(str(self.path.absolute()))}?{mode}", uri=True)
        except sqlite3.DatabaseError as error:
            raise LogUnreadable(f"{self.path} cannot be read as a log: {error}.") from error
        try:
            db.execute("PRAGMA busy_timeout = 5000")
            check_is_log(db, self.path)
        except sqlite3.DatabaseError as error:
            db.close()
            advice = ""
            if self._live and not os.access(self.path.parent, os.W_OK):
                advice = " Its folder is read-only, but with a -wal file it must be writable: copy both."
            raise LogUnreadable(f"{self.path} cannot be read as a log: {error}.{advice}") from error
        except LogUnreadable:
            db.close()
            raise
        return db

    def refresh(self) -> None:
        """Make events visible that a writer has appended since the log was opened."""
        if not self._live:
            self._db.close()
            self._db = self._connect()

    def _fetch(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise LogUnreadable(f"{self.path} cannot be read: {error}. Restore it from a copy.") from error

    def _field(self, *path: str) -> str:
        # The payload is a blob, which the JSON functions of SQLite would not read as text.
        return f"json_extract(NULLIF(CAST(data AS TEXT), ''), '$.{'.'.join(path)}')"

    def head(self) -> Head | None:
        """Return the head anchor from the file next to the log; None if there is none."""
        return read_head(self.path)

    def _last_assigned(self) -> int:
        # Only present if the table was created as this program creates it.
        if not self._fetch("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'"):
            return 0
        return int(self._fetch(LAST_ASSIGNED)[0][0])

    async def follow(self, run: str, *, after: int = 0, poll: float = 0.25) -> AsyncIterator[Event]:
        """Yield every event of `run` past `after`, then each new one within milliseconds of its commit.

        Without notifications, as on a network file system, a new event comes within `poll` seconds.
        """
        import asyncio  # Imported here, since most readers never follow and asyncio is slow to import.

        watch = self._watch()
        seen: tuple[sqlite3.Connection | None, int] = (None, 0)
        checks = 0
        try:
            while True:
                self.refresh()
                # data_version changes after a commit of another connection. Each connection counts from its
                # own start.
                now = (self._db, self._fetch("PRAGMA data_version")[0][0])
                if now != seen or not self._live:
                    checks = _CHECKS if self._live else checks
                    seen = now
                    for event in self.read(run, after=after):
                        after = event.seq
                        yield event
                if checks:
                    checks -= 1
                    await asyncio.sleep(min(_GAP, poll))
                elif watch is None:
                    await asyncio.sleep(min(_POLL, poll))
                elif await watch.wait(poll):
                    checks = _CHECKS
        finally:
            if watch is not None:
                watch.close()

    def _watch(self) -> "FileWatch | None":
        """Return the source of notifications, or None if there is none."""
        from .file_watch import FileWatch

        return FileWatch(self.path)


class MemoryReader(LogReader):
    """A read-only view of a log in the memory of this process, which lives while a connection is open."""

    anchored = False

    def __init__(self, place: str) -> None:
        # The path only appears in messages: there is no file.
        self.place, self.path = place, Path(place)
        self._live = True
        self._db = self._connect()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(memory_uri(str(self.place)), uri=True)
        db.execute("PRAGMA query_only = 1")
        if not db.execute("PRAGMA page_count").fetchone()[0]:
            db.close()
            raise LogNotFound(f"There is no log {self.place} open in this process.")
        return db

    def head(self) -> Head | None:
        """Return None: an anchor in memory would not outlive the log."""
        return None

    def _watch(self) -> None:
        """Return None: there are no notifications of writes to memory."""


def memory_uri(place: str) -> str:
    """Return the SQLite URI of the log in memory at the place ":memory:NAME"."""
    # With cache=shared, a reader in the middle of a query would make the writer fail immediately.
    return f"file:/{quote(place)}?vfs=memdb"


def check_is_log(db: sqlite3.Connection, path: Path) -> None:
    """Raise `LogUnreadable` if the file is not a log, or has a later format."""
    application = db.execute("PRAGMA application_id").fetchone()[0]
    # Until the transaction that creates the table commits, a log is a file without any table.
    if not application and not db.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()[0]:
        raise LogEmpty(f"{path} is empty: it is not a log yet. `tp run` creates one; --log names another.")
    if application != APPLICATION_ID:
        raise LogUnreadable(
            f"{path} is an SQLite file, but not an event log of this program. Name another file."
        )
    # A view, or a table that takes values of any type, was made by another program.
    tables = "SELECT type, strict FROM pragma_table_list WHERE schema = 'main' AND name = 'event'"
    if db.execute(tables).fetchone() not in (None, ("table", 1)):
        raise LogUnreadable(
            f"{path} has a table `event` that this program did not create. Name another file."
        )
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise LogUnreadable(
            f"{path} was written by a later version of this program (format {version}, known: "
            f"{SCHEMA_VERSION}). Upgrade to read it."
        )
