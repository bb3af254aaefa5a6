"""A reader cannot write, and holds no snapshot between two events."""

import sqlite3
from pathlib import Path

import pytest
from log_making import child, draft, names, said, write, writing

from transfer_prompting.storage.sqlite.reader import LogReader

KEEP_OPEN = """
import sys
from pathlib import Path
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
log = EventLog(Path(sys.argv[1]), lambda: 1)
log.submit([Draft("run-a", "id-1", "k", 1, "a/b", (), None, b"{}")]).result()
print("written", flush=True)
sys.stdin.read()
"""


def _assert_cannot_write(reader: LogReader) -> None:
    for statement in ("DELETE FROM event", "CREATE TABLE other (a)", "PRAGMA user_version = 9"):
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._db.execute(statement)


def test_reader_cannot_write(tmp_path: Path) -> None:
    """SQLite refuses every change on the reader's connection, with and without a writer."""
    path = tmp_path / "log.db"
    write(path, draft(1))
    with LogReader(path) as reader:
        _assert_cannot_write(reader)
    with writing(path), LogReader(path) as reader:
        _assert_cannot_write(reader)


def test_standing_reader_holds_no_snapshot(tmp_path: Path) -> None:
    """The write-ahead log can be checkpointed while a reader is between two events."""
    path = tmp_path / "log.db"
    with writing(path) as log, LogReader(path) as reader:
        log.submit([draft(1), draft(2)]).result()
        standing = reader.read("run-a")
        assert next(standing).seq == 1
        log.submit([draft(3)]).result()
        folding = sqlite3.connect(path)
        busy, *_ = folding.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        folding.close()
        assert not busy
        assert (tmp_path / "log.db-wal").stat().st_size == 0
        assert [event.seq for event in standing] == [2]


def test_what_a_killed_writer_left_stays(tmp_path: Path) -> None:
    """Reading a log whose writer was killed changes neither the file nor its write-ahead log."""
    path = tmp_path / "log.db"
    with child(KEEP_OPEN, path) as writer:
        assert said(writer) == "written"
        writer.kill()
        writer.wait()
    files = ("log.db", "log.db-wal", "log.db.lock")
    before = {name: (tmp_path / name).read_bytes() for name in files}
    assert before["log.db-wal"]
    with LogReader(path) as reader:
        assert len(list(reader.read("run-a"))) == 1
        assert reader.verify("run-a") == 1
    assert {name: (tmp_path / name).read_bytes() for name in files} == before
    assert set(names(tmp_path)) <= {*files, "log.db-shm", "log.db.head", "log.db.head.new"}
