"""The table itself refuses changes and deletions."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from log_making import draft, events, write

from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A foreign connection to a log of two events."""
    write(tmp_path / "log.db", draft(1), draft(2))
    db = sqlite3.connect(tmp_path / "log.db", isolation_level=None)
    yield db
    db.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET data = x'00'",
        "UPDATE event SET version = 9 WHERE seq = 2",
        "DELETE FROM event",
        "DELETE FROM event WHERE seq = 2",
    ],
)
def test_update_and_delete_are_refused(db: sqlite3.Connection, tmp_path: Path, statement: str) -> None:
    """UPDATE and DELETE fail with a message that says why, and change nothing."""
    with pytest.raises(sqlite3.IntegrityError, match="the event log is append-only"):
        db.execute(statement)
    assert [e.seq for e in events(tmp_path / "log.db")] == [1, 2]


@pytest.mark.parametrize(
    "column",
    ["seq", "run", "version", "id", "kind", "schema", "sender", "recipients", "at", "data", "hash"],
)
def test_nulls_are_refused(db: sqlite3.Connection, column: str) -> None:
    """Only `cause` may be NULL."""
    notnull = {row[1]: bool(row[3] or row[5]) for row in db.execute("PRAGMA table_info(event)")}
    assert notnull[column]
    assert [name for name, needed in notnull.items() if not needed] == ["cause"]


def test_types_are_strict(db: sqlite3.Connection) -> None:
    """The table accepts only values of the declared types."""
    with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in BLOB column"):
        db.execute(
            "INSERT INTO event SELECT 3, run, 3, 'x', kind, schema, sender, recipients, cause, at,"
            " 'text', hash FROM event WHERE seq = 2"
        )


@pytest.mark.parametrize(("version", "id_"), [(2, "new"), (3, "run-a/2")])
def test_versions_and_ids_are_unique(db: sqlite3.Connection, version: int, id_: str) -> None:
    """A version is unique within a run and an id within a log."""
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        db.execute(
            f"INSERT INTO event SELECT 3, run, {version}, '{id_}', kind, schema, sender, recipients, cause,"
            " at, data, hash FROM event WHERE seq = 2"
        )


def test_reader_cannot_write(tmp_path: Path) -> None:
    """The reader's own connection is read-only."""
    write(tmp_path / "log.db", draft(1))
    with LogReader(tmp_path / "log.db") as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._db.execute("CREATE TABLE other (x)")
