"""Reading a log: any number of processes, no lock, no file created, no database library but sqlite3."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from .columns import APPLICATION_ID, COLUMNS, SCHEMA_VERSION
from .errors import LogDamaged, LogNotFound, LogUnreadable, TailMissing, UnknownRun
from .event import Event, chain_hash, genesis
from .head import read_head

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of `runs`: the first and last event of a run, times in microseconds since 1970."""

    run: str
    events: int
    first_at: int
    last_at: int
    last_kind: str


class LogReader:
    """A read-only view of a log that another process may be writing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            raise LogNotFound(f"There is no log at {path}. `tp run` makes one; --log names another.")
        if path.is_dir():
            raise LogUnreadable(f"{path} is a folder, not a log. Name the file in it.")
        self._live = False
        self._db = self._connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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

    def read(self, run: str, *, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[Event]:
        """The events of `run` with a seq above `after`, in order; only of `kinds` where given."""
        yield from map(to_event, self._rows(run, after, kinds))

    def _rows(self, run: str, after: int = 0, kinds: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
        where = f" AND kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        query = f"SELECT {COLUMNS} FROM event WHERE run = ? AND seq > ?{where} ORDER BY seq LIMIT {_PAGE}"
        while True:
            rows = self._fetch(query, (run, after, *kinds))
            yield from rows
            if len(rows) < _PAGE:
                return
            after = rows[-1][0]

    def event(self, run: str, seq: int) -> Event:
        """The one event of `run` at `seq`. Raises `UnknownRun` where there is none."""
        for event in self._select("run = ? AND seq = ?", (run, seq)):
            return event
        raise UnknownRun(f"Run {run} has no event with seq {seq}.")

    def _select(self, where: str, values: tuple[object, ...]) -> list[Event]:
        return list(map(to_event, self._fetch(f"SELECT {COLUMNS} FROM event WHERE {where}", values)))

    def _fetch(self, query: str, values: tuple[object, ...] = ()) -> list[Any]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise LogUnreadable(f"{self.path} cannot be read: {error}. Restore it from a copy.") from error

    def answer_to(self, run: str, call: str) -> Event:
        """The event that finished the call with the id `call`."""
        for event in self._select("run = ? AND cause = ? AND kind = 'call.finished'", (run, call)):
            return event
        raise UnknownRun(f"Run {run} has no reply to call {call}.")

    def runs(self) -> list[RunSummary]:
        """Every run of the log, oldest first."""
        rows = self._fetch(
            "SELECT f.run, m.last, f.at, l.at, l.kind FROM event f"
            " JOIN (SELECT run, MAX(version) AS last FROM event GROUP BY run) m ON m.run = f.run"
            " JOIN event l ON l.run = f.run AND l.version = m.last"
            " WHERE f.version = 1 ORDER BY f.seq"
        )
        return [RunSummary(*row) for row in rows]

    def resolve(self, name: str) -> str:
        """The full name of a run given by name, by the start of it, or as "last"."""
        names = [r[0] for r in self._fetch("SELECT run FROM event WHERE version = 1 ORDER BY seq")]
        if not names:
            raise UnknownRun(f"{self.path} holds no run yet. `tp run` starts one.")
        if name == "last":
            return str(names[-1])
        if name in names:
            return name
        found = [n for n in names if n.startswith(name)]
        if len(found) == 1:
            return str(found[0])
        there = ", ".join(found or names[-8:])
        what = f"The name {name!r} fits several runs" if found else f"There is no run {name!r}"
        raise UnknownRun(f"{what} in {self.path}. Choose one of: {there} (or: last).")

    async def follow(self, run: str, *, after: int = 0, poll: float = 0.02) -> AsyncIterator[Event]:
        """Every event of `run` past `after`, then each new one within `poll` seconds of its commit."""
        seen: tuple[sqlite3.Connection | None, int] = (None, 0)
        while True:
            self.refresh()
            # data_version changes only when another connection has committed: an idle log costs nothing.
            # It counts from anew for each connection.
            now = (self._db, self._fetch("PRAGMA data_version")[0][0])
            if now != seen or not self._live:
                seen = now
                for event in self.read(run, after=after):
                    after = event.seq
                    yield event
            await asyncio.sleep(poll)

    def verify(self, run: str) -> int:
        """Check the chain of one run, the head and that no seq is missing; returns the number of its events.

        Raises `LogDamaged` with the first seq that does not hold, or `TailMissing`.
        """
        previous, version, seq = genesis(run), 0, 0
        for row in self._rows(run):
            # Over the bytes as stored: parsing and writing them again could hide a change.
            seq, found = row[0], row[2]
            if found != version + 1:
                raise LogDamaged(seq, f"version {found} follows version {version} of run {run}.")
            if chain_hash(previous, row[:-1]) != row[-1]:
                raise LogDamaged(seq, "its contents do not match its hash.")
            previous, version = row[-1], found
        self._check_head(run, seq, previous)
        self._check_gaps()
        return version

    def _check_gaps(self) -> None:
        """A run cut off at its end has a valid chain, but leaves a gap before the events of other runs."""
        missing = self._fetch(
            "SELECT n FROM (SELECT seq, ROW_NUMBER() OVER (ORDER BY seq) AS n FROM event)"
            " WHERE seq <> n LIMIT 1"
        )
        if missing:
            raise LogDamaged(missing[0][0], "no event has this seq, although later ones are there.")

    def _check_head(self, run: str, seq: int, last_hash: bytes) -> None:
        head = read_head(self.path)
        if head is None or head.run != run:
            return
        if head.seq > seq:
            raise TailMissing(f"The head anchor knows seq {head.seq} of {run}, but the log ends at {seq}.")
        if head.seq == seq and head.hash != last_hash.hex():
            raise LogDamaged(seq, "the head anchor has another hash for it.")


def check_is_log(db: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is not a log, or one of a later format."""
    if not db.execute("PRAGMA page_count").fetchone()[0]:
        raise LogUnreadable(f"{path} is empty: it is no log yet. `tp run` makes one; --log names another.")
    application = db.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION_ID:
        raise LogUnreadable(f"{path} is an SQLite file, but not an event log of this program.")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise LogUnreadable(
            f"{path} was written by a later version of this program (format {version}, known: "
            f"{SCHEMA_VERSION}). Upgrade to read it."
        )


def to_event(row: tuple[Any, ...]) -> Event:
    """A row of the table as an event."""
    seq, run, version, id_, kind, schema, sender, recipients, *rest = row
    return Event(seq, run, version, id_, kind, schema, sender, tuple(recipients.split()), *rest)
