"""Files written by earlier versions remain valid logs."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from frozen_logs import RUN, stored_lines

from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader

# Written out, because nothing here may come from the tested code. Indexes are left out: they hold no data.
LAYOUTS = {
    "v1": """
        CREATE TABLE event (
            seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            run TEXT NOT NULL,
            version INTEGER NOT NULL,
            id TEXT NOT NULL,
            kind TEXT NOT NULL,
            schema INTEGER NOT NULL,
            sender TEXT NOT NULL,
            recipients TEXT NOT NULL,
            cause TEXT,
            at INTEGER NOT NULL,
            data BLOB NOT NULL,
            hash BLOB NOT NULL,
            UNIQUE (run, version),
            UNIQUE (id)
        ) STRICT;
        CREATE TRIGGER event_no_update BEFORE UPDATE ON event
            BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
        CREATE TRIGGER event_no_delete BEFORE DELETE ON event
            BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END;
        PRAGMA application_id = 0x54504C47;
        PRAGMA user_version = 1;
    """
}
LAYOUTS["v2"] = LAYOUTS["v1"]
"""Version -> the SQL statements that created a log, for each frozen version."""
COLUMNS = "seq, run, version, id, kind, schema, sender, recipients, cause, at, data, hash"
INSERT = f"INSERT INTO event ({COLUMNS}) VALUES ({', '.join('?' * 12)})"


def _stored(row: dict[str, Any]) -> list[Any]:
    bytes_ = {"data": row["data"].encode(), "hash": bytes.fromhex(row["hash"])}
    return [{**row, **bytes_}[name] for name in COLUMNS.split(", ")]


@pytest.fixture(params=LAYOUTS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, int]:
    """Write the file of an old run with its anchor; return its path and the number of its events."""
    rows = [json.loads(line) for line in stored_lines(request.param)]
    db = sqlite3.connect(tmp_path / "log.db")
    db.executescript(LAYOUTS[request.param])
    db.executemany(INSERT, [_stored(row) for row in rows])
    db.commit()
    db.close()
    anchor = {name: rows[-1][name] for name in ("run", "seq", "hash")}
    (tmp_path / "log.db.head").write_text(json.dumps(anchor))
    return tmp_path / "log.db", len(rows)


def test_an_old_file_is_read(old: tuple[Path, int]) -> None:
    """An old file is read and verified, and reading does not change it."""
    path, count = old
    before = path.read_bytes()
    with LogReader(path) as reader:
        assert reader.verify(RUN) == count
        assert [run.events for run in reader.runs()] == [count]
    assert path.read_bytes() == before


async def test_an_old_file_is_written_on(old: tuple[Path, int]) -> None:
    """In an old file, known events are recognised, new ones are appended, and the chain stays unbroken."""
    path, count = old
    with LogReader(path) as reader:
        e = next(reader.read(RUN))
    known = Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data)
    log = await EventLog.open(path)
    [again] = await log.append([known])
    [new] = await log.append([Draft(RUN, "new", "k", 1, "a/b", (), None, b"{}")])
    await log.close()
    assert (again, new.seq) == (e, count + 1)
    with LogReader(path) as reader:
        assert reader.verify(RUN) == count + 1
