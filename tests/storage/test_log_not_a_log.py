"""Files that are not logs are refused and left unchanged."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from log_making import draft, events, open_log, write

from transfer_prompting.storage.errors import LogNotFound, LogUnreadable
from transfer_prompting.storage.sqlite.reader import LogReader


def text(path: Path) -> None:
    path.write_text("This is no database.\n" * 200)


def foreign(path: Path) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE event (seq INTEGER)")
    db.commit()
    db.close()


def later(path: Path) -> None:
    write(path, draft(1))
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 2")
    db.close()


def folder(path: Path) -> None:
    path.mkdir()


KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "text": (text, "file is not a database"),
    "foreign": (foreign, "not an event log"),
    "later": (later, "later version|this version can write"),
    "folder": (folder, "is a folder|unable to open"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_refused(tmp_path: Path, kind: str) -> None:
    """Reader and writer refuse a file that is not a log, name it and leave it unchanged."""
    path = tmp_path / "thing"
    make, message = KINDS[kind]
    make(path)
    before = None if path.is_dir() else path.read_bytes()
    with pytest.raises(LogUnreadable, match=rf"(?s){path}.*({message})"):
        LogReader(path)
    with pytest.raises(LogUnreadable, match=rf"(?s){path}.*({message})"):
        open_log(path)
    assert before is None or path.read_bytes() == before


def test_missing_file(tmp_path: Path) -> None:
    """Opening a missing log for reading creates no file and says how to create one."""
    with pytest.raises(LogNotFound, match=r"There is no log at .*tp run"):
        LogReader(tmp_path / "log.db")
    assert list(tmp_path.iterdir()) == []


def test_empty_file(tmp_path: Path) -> None:
    """A reader refuses an empty file, and a writer turns it into a log."""
    path = tmp_path / "log.db"
    path.touch()
    with pytest.raises(LogUnreadable, match="is empty"):
        LogReader(path)
    assert [p.name for p in tmp_path.iterdir()] == ["log.db"]
    write(path, draft(1))
    assert len(events(path)) == 1


def test_cut_file(tmp_path: Path) -> None:
    """Reader and writer refuse a truncated file."""
    path = tmp_path / "log.db"
    write(path, *(draft(n, data=b"x" * 3000) for n in range(30)))
    path.write_bytes(path.read_bytes()[: 6 * 4096])
    with pytest.raises(LogUnreadable, match="cannot be read"), LogReader(path) as reader:
        reader.verify("run-a")
    with pytest.raises(LogUnreadable):
        open_log(path)


def test_pages_of_noise(tmp_path: Path) -> None:
    """Noise after the first page is never read as events."""
    path = tmp_path / "log.db"
    write(path, *(draft(n) for n in range(30)))
    raw = path.read_bytes()
    path.write_bytes(raw[:4096] + b"\xa5" * (len(raw) - 4096))
    with LogReader(path) as reader:
        asked: list[Callable[[], object]] = [
            lambda: reader.resolve("last"),
            reader.runs,
            lambda: reader.event("run-a", 1),
            lambda: reader.caused_by("run-a", "x", "call.finished"),
            lambda: list(reader.read("run-a")),
        ]
        for ask in asked:
            with pytest.raises(LogUnreadable, match="cannot be read"):
                ask()
    with pytest.raises(LogUnreadable, match="cannot be opened as a log"):
        open_log(path)
