"""Blanking a payload on purpose, and checking a chain in which some payloads were blanked.

The hash of a row covers the SHA-256 of its data and not the data themselves. So a row whose data are gone
still fits into its chain, as long as the run keeps that digest: in a message of the kind `RECORD`.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import LogDamaged, LogFull, LogUnreadable, StorageError
from .event import Event, chain_hash, genesis
from .rows import Row
from .sqlite.lock import WriterLock

RECORD = "event.redacted"
"""Its data name the blanked row by `event` (an id), and have the digest of what it held as `sha256`."""
_VERSION, _ID, _DATA = 2, 3, 10


class PayloadRedacted(StorageError):
    """The data of the event at `seq` were blanked on purpose, and something needs them."""

    def __init__(self, event: Event) -> None:
        before = (
            f"Run {event.run} can still be re-enacted up to the event before it: "
            f"tp replay {event.run} --to {event.seq - 1}"
            if event.version > 1
            else f"Run {event.run} begins with it, so nothing of the run can be re-enacted; what is left can "
            f"be checked: tp verify {event.run}"
        )
        super().__init__(
            f"The payload of seq {event.seq} ({event.kind}) was redacted, and this needs it. Why it is gone: "
            f"tp show {event.run} {event.seq}. {before}"
        )
        self.seq = event.seq


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """How many events a sound chain has, and the seq and hash of its last."""

    events: int
    seq: int
    hash: bytes


def is_redacted(event: Event) -> bool:
    """Whether the payload is gone: no message is empty by itself."""
    return not event.data


def recorded_digests(rows: Iterable[tuple[Any, ...]]) -> dict[str, bytes]:
    """Id of a blanked event -> the SHA-256 of what it held, from the rows of the kind `RECORD`."""
    found = {}
    for row in rows:
        try:
            record = json.loads(row[_DATA])
            found[str(record["event"])] = bytes.fromhex(record["sha256"])
        except (ValueError, TypeError, KeyError):
            continue  # What it should vouch for is then reported as damaged.
    return found


def checked(run: str, rows: Iterable[Row], digests: Callable[[], Mapping[str, bytes]]) -> Iterator[Row]:
    """The rows (the columns of the table, in order) from the first of `run` on, each once it is checked.

    `digests` gives what `recorded_digests` found; it is asked only where a payload was blanked. Raises
    `LogDamaged` with the first seq that does not hold.
    """
    previous = genesis(run)
    for number, row in enumerate(rows):
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
    """Check all rows of a run; the rest is as in `checked`."""
    end = ChainEnd(0, 0, genesis(run))
    for row in checked(run, rows, lambda: digests):
        end = ChainEnd(row[_VERSION], row[0], row[-1])
    return end


def blank(log_path: Path, run: str, seq: int) -> None:
    """Empty the data of one row, for good; the caller has appended the record of it before.

    The trigger that forbids changes is lifted for this one statement, within its transaction. Raises
    `LogBusy` where a process writes to the log, `LogFull` where the disk takes no more.
    """
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
    # Without it the old bytes would stay in the file's free space, and in the write-ahead log.
    db.execute("PRAGMA secure_delete = ON")
    db.execute("BEGIN IMMEDIATE")
    triggers = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'event_no_update'").fetchall()
    db.execute("DROP TRIGGER IF EXISTS event_no_update")
    db.execute("UPDATE event SET data = x'' WHERE run = ? AND seq = ?", (run, seq))
    for (sql,) in triggers:
        db.execute(sql)
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
