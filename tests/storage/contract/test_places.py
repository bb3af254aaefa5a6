"""A place selects the database of a log, and messages show it without passwords."""

import importlib.util
from pathlib import Path

import pytest
from log_stores import draft

from transfer_prompting.storage.errors import LogNotFound, LogUnreadable
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import shown, to_place

URL = "postgresql://me:secret@host:5433/base?schema=x"


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("log.db", Path("log.db")),
        (Path("a/log.db"), Path("a/log.db")),
        (Path(":memory:"), Path(":memory:")),
        (":memory:", ":memory:"),
        (":memory:name", ":memory:name"),
        (URL, URL),
        (Path(URL), URL),
        ("postgres://host/base", "postgresql://host/base"),
        ("postgresql:///base", "postgresql:///base"),
        ("postgresql:///base?host=/run/pg", "postgresql:///base?host=/run/pg"),
        ("postgresql+psycopg://host/base", "postgresql://host/base"),
    ],
)
def test_places(given: Path | str, place: Path | str) -> None:
    """URLs and names in memory are distinguished from paths, and a URL read as a path is restored."""
    assert to_place(given) == place


def test_passwords_are_not_shown() -> None:
    """A place is displayed in full, except for its password."""
    assert shown(URL) == shown(Path(URL)) == "postgresql://me:***@host:5433/base?schema=x"
    assert shown("postgresql://host/base?password=secret&schema=x") == (
        "postgresql://host/base?password=***&schema=x"
    )
    assert shown("postgresql://host:5433/base") == "postgresql://host:5433/base"
    assert shown(Path("a:b@c.db")) == "a:b@c.db"


async def test_memory_without_a_name() -> None:
    """Each unnamed log in memory is new and can be opened by the place it reports."""
    one, other = await EventLog.open(":memory:"), await EventLog.open(":memory:")
    await one.append([draft(1)])
    with open_reader(one.place) as reader, open_reader(other.place) as empty:
        assert [e.seq for e in reader.read("run-a")] == [1]
        assert empty.runs() == []
    await one.close()
    await other.close()


async def test_memory_goes_with_its_last_user() -> None:
    """A log in memory disappears when its last connection closes."""
    log = await EventLog.open(":memory:gone")
    await log.append([draft(1)])
    await log.close()
    with pytest.raises(LogNotFound, match="There is no log"):
        open_reader(":memory:gone")


async def test_folders_are_made(tmp_path: Path) -> None:
    """Opening a log in a file creates missing folders."""
    log = await EventLog.open(tmp_path / "new" / "folder" / "log.db")
    await log.close()
    assert (tmp_path / "new" / "folder" / "log.db").exists()


async def test_driver_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg the message names the extra to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LogUnreadable, match=r"transfer-prompting\[postgres\]"):
        open_reader(URL)
    with pytest.raises(LogUnreadable, match=r"transfer-prompting\[postgres\]"):
        await EventLog.open(URL)
