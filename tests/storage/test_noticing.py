"""A follower is notified of writes by the system, and polls otherwise."""

import asyncio
import sys
from contextlib import closing
from pathlib import Path

import pytest
from async_generators import closable
from log_making import draft, write

from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite import file_watch
from transfer_prompting.storage.sqlite import reader as reader_module
from transfer_prompting.storage.sqlite.file_watch import FileWatch
from transfer_prompting.storage.sqlite.reader import LogReader

linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


@linux
async def test_writes_are_told(tmp_path: Path) -> None:
    """A write to the log or to a file that belongs to it ends `wait`, once."""
    with closing(FileWatch(tmp_path / "log.db")) as notices:
        for name in ("log.db", "log.db-wal"):
            (tmp_path / name).write_text("x")
            async with asyncio.timeout(20):
                assert await notices.wait(3600)
            while await notices.wait(0.01):
                pass


@linux
async def test_other_files_are_not(tmp_path: Path) -> None:
    """A write to another file in the same folder is ignored."""
    with closing(FileWatch(tmp_path / "log.db")) as notices:
        (tmp_path / "other.db").write_text("x")
        assert not await notices.wait(0.05)


async def test_without_a_word_from_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without notifications, a follower still sees new events."""
    monkeypatch.setattr(file_watch, "_open", lambda folder: None)
    path = tmp_path / "log.db"
    write(path, draft(1))
    log = await EventLog.open(path)
    try:
        with LogReader(path) as reader:
            followed = closable(reader.follow("run-a", poll=0.01))
            async with asyncio.timeout(20):
                assert (await anext(followed)).seq == 1
                await log.append([draft(2)])
                assert (await anext(followed)).seq == 2
            await followed.aclose()
    finally:
        await log.close()


@linux
async def test_a_follower_need_not_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An append wakes a follower that never polls."""
    monkeypatch.setattr(reader_module, "_CHECKS", 0)
    path = tmp_path / "log.db"
    write(path, draft(1))
    log = await EventLog.open(path)
    try:
        with LogReader(path) as reader:
            followed = closable(reader.follow("run-a", poll=3600))
            async with asyncio.timeout(20):
                assert (await anext(followed)).seq == 1
                waiting = asyncio.ensure_future(anext(followed))
                await log.append([draft(2)])
                assert (await waiting).seq == 2
            await followed.aclose()
    finally:
        await log.close()
