"""Redaction of payloads, and verification of hash chains that contain redacted payloads.

The hash of a row covers the SHA-256 of its data instead of the data themselves. A row whose data are gone
is therefore still valid in its chain, as long as an event of the kind `RECORD` in the run keeps the digest.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .envelope import envelope_fault
from .errors import LogDamaged, LogFull, LogUnreadable, StorageError
from .event import Event, chain_hash, genesis
from .hints import command
from .rows import Row
from .sqlite.files import log_file
from .sqlite.lock import WriterLock

RECORD = "event.redacted"
"""Kind of the event that records a redaction: `event` is the id of the blanked row, and `sha256` the digest
of its former data."""
_VERSION, _ID, _DATA = 2, 3, 10


class PayloadRedacted(StorageError):
    """The payload of the event at `seq` is required but was redacted."""

    def __init__(self, event: Event) -> None:
        remedy = (
            f"Run {event.run} can still be re-enacted up to the event before it: "
            f"{command('replay', event.run, options=['--to', event.seq - 1])}"
            if event.version > 1
            else f"Run {event.run} begins with it, so nothing of the run can be re-enacted; the rest can "
            f"be checked: {command('verify', event.run)}"
        )
        super().__init__(
            f"The payload of seq {event.seq} ({event.kind}) was redacted, but is required here. The reason: "
            f"{command('show', event.run, event.seq)}. {remedy}"
        )
        self.seq = event.seq


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """Number of events in a valid hash chain, and the seq and hash of its last event."""

    events: int
    seq: int
    hash: bytes


def is_redacted(event: Event) -> bool:
    """Return True if the payload was redacted. No message has an empty payload otherwise."""
    return not event.data


def recorded_digests(rows: Iterable[tuple[Any, ...]]) -> dict[str, bytes]:
    """Map the ids of redacted events to the SHA-256 of their former data, from rows of the kind `RECORD`."""
    found = {}
    for row in rows:
        try:
            record = json.loads(row[_DATA])
            found[str(record["event"])] = bytes.fromhex(record["sha256"])
        except (ValueError, TypeError, KeyError, RecursionError):
            continue  # The row that it should cover is then reported as damaged.
    return found


def checked(run: str, rows: Iterable[Row], digests: Callable[[], Mapping[str, bytes]]) -> Iterator[Row]:
    """Yield the rows of `run`, from its first one on, each after its check.

    `digests` returns the result of `recorded_digests`; it is called only for a row without data. Raise
    `LogDamaged` with the first seq that is wrong.
    """
    previous = genesis(run)
    for number, row in enumerate(rows):
        if fault := envelope_fault(row):
            raise LogDamaged(row[0], f"{fault}.")
        if row[_VERSION] != number + 1:
            raise LogDamaged(row[0], f"version {row[_VERSION]} follows version {number} of run {run}.")
        digest = digests().get(row[_ID]) if not row[_DATA] else None
        if row[-1] != chain_hash(previous, row) and (
            digest is None or row[-1] != chain_hash(previous, row, digest)
        ):
            raise LogDamaged(row[0], "its contents do not match its hash.")
        previous = row[-1]
        yield row


def check_chain(run: str, rows: Iterable[Row], digests: Mapping[str, bytes]) -> ChainEnd:
    """Check all rows of a run as `checked` does, and return the end of the chain."""
    end = ChainEnd(0, 0, genesis(run))
    for row in checked(run, rows, lambda: digests):
        end = ChainEnd(row[_VERSION], row[0], row[-1])
    return end


def blank(log_path: Path, run: str, seq: int) -> None:
    """Erase the data of one row for good. The caller must have appended the record of it before.

    The trigger that forbids changes is lifted for this one statement, within its transaction. Raise
    `LogBusy` if a process writes to the log, and `LogFull` if the disk is full.
    """
    log_path = log_file(log_path)
    lock = WriterLock(log_path)
    lock.acquire()
    try:
        db = sqlite3.connect(log_path, isolation_level=None, timeout=5.0)
        try:
            _blank(db, run, seq)
        finally:
            db.close()
    except sqlite3.OperationalError as error:
        raise LogFull(f"{log_path} could not be changed: {error}. Make room, then redact again.") from error
    except sqlite3.DatabaseError as error:
        raise LogUnreadable(f"{log_path} could not be changed: {error}.") from error
    finally:
        lock.release()


def _blank(db: sqlite3.Connection, run: str, seq: int) -> None:
    # Otherwise the old bytes would stay in free pages of the file. The checkpoint below does the same for the
    # write-ahead log.
    db.execute("PRAGMA secure_delete = ON")
    db.execute("BEGIN IMMEDIATE")
    triggers = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'event_no_update'").fetchall()
    db.execute("DROP TRIGGER IF EXISTS event_no_update")
    db.execute("UPDATE event SET data = x'' WHERE run = ? AND seq = ?", (run, seq))
    for (sql,) in triggers:
        db.execute(sql)
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
