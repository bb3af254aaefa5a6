"""Any number of readers, with or without a writer, leave no trace."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from log_making import child, draft, events, names, said, write, writing

from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader


@contextmanager
def following(path: Path, run: str = "run-a", after: int = 0) -> Iterator[AsyncIterator[Event]]:
    with LogReader(path) as reader:
        yield reader.follow(run, after=after, poll=0)


async def seqs(followed: AsyncIterator[Event], count: int) -> list[int]:
    async with asyncio.timeout(20):
        return [(await anext(followed)).seq for _ in range(count)]


def test_log_at_rest_is_not_touched(tmp_path: Path) -> None:
    """Reading a log without a writer creates and changes no file, not even temporarily."""
    path = tmp_path / "log.db"
    write(path, draft(1))
    before, contents = names(tmp_path), path.read_bytes()
    with LogReader(path) as reader:
        assert list(reader.read("run-a"))
        assert names(tmp_path) == before
        reader.refresh()
        assert reader.verify("run-a") == 1
        assert names(tmp_path) == before
    assert names(tmp_path) == before == ["log.db", "log.db.head", "log.db.lock"]
    assert path.read_bytes() == contents


def test_read_only_folder_is_enough(tmp_path: Path) -> None:
    """A log without a writer can be read from a read-only folder."""
    path = tmp_path / "frozen" / "log.db"
    path.parent.mkdir()
    write(path, draft(1))
    path.parent.chmod(0o500)
    try:
        assert len(events(path)) == 1
    finally:
        path.parent.chmod(0o700)


def test_read_beside_a_writer(tmp_path: Path) -> None:
    """Any number of readers see every committed event while a writer is open."""
    path = tmp_path / "log.db"
    with writing(path) as log, LogReader(path) as early:
        for number in range(3):
            log.submit([draft(number)]).result()
            with LogReader(path) as late:
                assert list(early.read("run-a")) == list(late.read("run-a")) == events(path)
                assert late.verify("run-a") == number + 1


def test_reader_holds_no_writer_up(tmp_path: Path) -> None:
    """A writer can append, close and reopen while a reader is in the middle of a run."""
    path = tmp_path / "log.db"
    write(path, draft(1), draft(2))
    with LogReader(path) as reader:
        standing = reader.read("run-a")
        next(standing)
        write(path, draft(3))
        with writing(path) as log:
            log.submit([draft(4)]).result()
            assert [e.seq for e in standing] == [2]
    assert [e.seq for e in events(path)] == [1, 2, 3, 4]


def test_open_log_without_events(tmp_path: Path) -> None:
    """A reader sees a new log as empty."""
    path = tmp_path / "log.db"
    with writing(path), LogReader(path) as reader:
        assert list(reader.read("run-a")) == []
        assert reader.runs() == []
        assert reader.verify("run-a") == 0


def test_runs(tmp_path: Path) -> None:
    """Runs are listed from the oldest to the newest with their events, times and last kind."""
    path = tmp_path / "log.db"
    write(path, draft(1, "b"), draft(1, "a"), draft(2, "b"))
    with LogReader(path) as reader:
        found = [(r.run, r.events, r.first_at, r.last_at, r.last_kind) for r in reader.runs()]
    assert found == [("b", 2, 1, 3, "call.requested"), ("a", 1, 2, 2, "call.requested")]


async def test_follow_a_writer(tmp_path: Path) -> None:
    """A follower yields the stored events and then each new event of its run, in order and once."""
    path = tmp_path / "log.db"
    log = await EventLog.open(path)
    await log.append([draft(1), draft(1, "run-b"), draft(2)])
    with following(path) as followed:
        assert await seqs(followed, 2) == [1, 3]
        await log.append([draft(3), draft(4)])
        assert await seqs(followed, 2) == [4, 5]
        await log.append([draft(2, "run-b")])
        await log.append([draft(5)])
        assert await seqs(followed, 1) == [7]
    await log.close()


async def test_follow_from_a_seq(tmp_path: Path) -> None:
    """A follower with `after` skips the events up to that seq."""
    path = tmp_path / "log.db"
    write(path, draft(1), draft(2), draft(3))
    with following(path, after=2) as followed:
        assert await seqs(followed, 1) == [3]


async def test_follow_a_log_at_rest(tmp_path: Path) -> None:
    """A follower sees the first event of a writer that starts later."""
    path = tmp_path / "log.db"
    write(path, draft(1))
    with following(path) as followed:
        assert await seqs(followed, 1) == [1]
        waiting = asyncio.ensure_future(seqs(followed, 1))
        await asyncio.sleep(0)
        log = await EventLog.open(path)
        await log.append([draft(2)])
        assert await waiting == [2]
        await log.append([draft(3)])
        assert await seqs(followed, 1) == [3]
        await log.close()


async def test_follow_writers_that_come_and_go(tmp_path: Path) -> None:
    """A follower continues across the end of one writer to the events of the next."""
    path = tmp_path / "log.db"
    write(path, draft(0))
    with following(path) as followed:
        assert await seqs(followed, 1) == [1]
        for number in range(1, 4):
            log = await EventLog.open(path)
            await log.append([draft(number)])
            await log.close()
            assert await seqs(followed, 1) == [number + 1]


WRITE = """
import sys
from pathlib import Path
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
log = EventLog(Path(sys.argv[1]), lambda: 1)
print("open", flush=True)
for number, _ in enumerate(sys.stdin):
    log.submit([Draft("run-a", f"id-{number}", "k", 1, "a/b", (), None, b"{}")]).result()
    print(number, flush=True)
"""


@pytest.mark.parametrize("killed", [False, True])
async def test_follow_another_process(tmp_path: Path, killed: bool) -> None:
    """A follower sees every event that another process has committed before it is killed."""
    path = tmp_path / "log.db"
    with child(WRITE, path) as writer:
        assert said(writer) == "open"
        with following(path) as followed:
            for number in range(3):
                writer.stdin.write("\n")
                writer.stdin.flush()
                assert said(writer) == str(number)
                if not killed:
                    assert await seqs(followed, 1) == [number + 1]
            if killed:
                writer.kill()
                writer.wait()
                assert await seqs(followed, 3) == [1, 2, 3]
