"""Reading a log in SQLite: any number of processes, no lock, no file created, no library but sqlite3."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import LogNotFound, LogUnreadable
from ..event import Event
from ..head import Head, read_head
from ..layout import APPLICATION_ID, SCHEMA_VERSION
from ..reader import Reader, RunSummary

if TYPE_CHECKING:
    from .file_watch import FileWatch

__all__ = ["LogReader", "MemoryReader", "Reader", "RunSummary", "check_is_log", "memory_uri"]

_GAP = 0.01
"""Seconds between two looks at a log that is being written: a hundred looks a second are cheap."""
_LOOKS = 20
"""Looks after each sign of life. A write is told of before its commit ends, so one would come too early."""
_UNTOLD = 0.02
"""Seconds between looks where nothing tells of writes."""


class LogReader(Reader):
    """A read-only view of a log in an SQLite file."""

    def __init__(self, path: Path) -> None:
        self.place = self.path = path
        if not path.exists():
            raise LogNotFound(f"There is no log at {path}. `tp run` makes one; --log names another.")
        if path.is_dir():
            raise LogUnreadable(f"{path} is a folder, not a log. Name the file in it.")
        self._live = False
        self._db = self._connect()

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _connect(self) -> sqlite3.Connection:
        # A log at rest has no -wal file, and opening it "ro" would create one: "immutable" does not.
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
            raise LogUnreadable(f"{self.path} cannot be read as a log: {error}.") from error
        except LogUnreadable:
            db.close()
            raise
        return db

    def refresh(self) -> None:
        """See what a writer that has started since then appended."""
        if not self._live:
            self._db.close()
            self._db = self._connect()

    def _fetch(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise LogUnreadable(f"{self.path} cannot be read: {error}. Restore it from a copy.") from error

    def _field(self, *path: str) -> str:
        # The payload is a blob, which SQLite's functions would not take for text.
        return f"json_extract(NULLIF(CAST(data AS TEXT), ''), '$.{'.'.join(path)}')"

    def head(self) -> Head | None:
        """What the file beside the log remembers of its end."""
        return read_head(self.path)

    async def follow(self, run: str, *, after: int = 0, poll: float = 0.25) -> AsyncIterator[Event]:
        """Every event of `run` past `after`, then each new one within some milliseconds of its commit.

        Where the system does not tell of writes, as on a network's file system, it is within `poll` seconds.
        """
        import asyncio  # Here, since most readers never follow and asyncio takes long to load.

        notices = self._notices()
        seen: tuple[sqlite3.Connection | None, int] = (None, 0)
        looks = 0
        try:
            while True:
                self.refresh()
                # data_version changes only when another connection has committed, and counts from anew for
                # each connection.
                now = (self._db, self._fetch("PRAGMA data_version")[0][0])
                if now != seen or not self._live:
                    looks = _LOOKS if self._live else looks
                    seen = now
                    for event in self.read(run, after=after):
                        after = event.seq
                        yield event
                if looks:
                    looks -= 1
                    await asyncio.sleep(min(_GAP, poll))
                elif notices is None:
                    await asyncio.sleep(min(_UNTOLD, poll))
                elif await notices.wait(poll):
                    looks = _LOOKS
        finally:
            if notices is not None:
                notices.close()

    def _notices(self) -> "FileWatch | None":
        """What tells of writes; None where nothing does."""
        from .file_watch import FileWatch

        return FileWatch(self.path)


class MemoryReader(LogReader):
    """A view of a log in the memory of this process, for as long as somebody has it open."""

    def __init__(self, place: str) -> None:
        # The name only stands in messages: there is no file.
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
        """Nothing: it would not outlive the log."""
        return None

    def _notices(self) -> None:
        """Nothing tells of writes to memory."""


def memory_uri(place: str) -> str:
    """What SQLite calls the log in memory that this program calls ":memory:NAME"."""
    # Not cache=shared: there a reader in the midst of a query makes the writer fail at once.
    return f"file:/{quote(place)}?vfs=memdb"


def check_is_log(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not a log, or one of a later format."""
    application = db.execute("PRAGMA application_id").fetchone()[0]
    # Until the transaction that makes the table is whole, a log is a file without any table.
    if not application and not db.execute("SELECT COUNT(*) FROM sqlite_schema").fetchone()[0]:
        raise LogUnreadable(f"{path} is empty: it is no log yet. `tp run` makes one; --log names another.")
    if application != APPLICATION_ID:
        raise LogUnreadable(f"{path} is an SQLite file, but not an event log of this program.")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise LogUnreadable(
            f"{path} was written by a later version of this program (format {version}, known: "
            f"{SCHEMA_VERSION}). Upgrade to read it."
        )
