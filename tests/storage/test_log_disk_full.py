"""A full disk."""

import asyncio
import json
from pathlib import Path

from log_making import child, draft, events, open_log, said

from transfer_prompting.storage.errors import LogFull
from transfer_prompting.storage.head import head_path
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader
from transfer_prompting.storage.sqlite.table import SqliteTable


def limit_pages(log: EventLog, count: int) -> None:
    """Let the file of `log` grow to `count` pages and no further, as if the disk ended there."""
    assert isinstance(log._table, SqliteTable)
    log._table._db.execute(f"PRAGMA max_page_count = {count}")


def test_full_database(tmp_path: Path) -> None:
    """A full disk raises `LogFull`, loses no acknowledged event, and takes appends once there is space."""
    path = tmp_path / "log.db"
    log = open_log(path)
    limit_pages(log, 20)
    acknowledged, error = [], None
    for number in range(100):
        try:
            acknowledged += log.submit([draft(number, data=b"x" * 2000)]).result()
        except LogFull as full:
            error = full
            break
    assert error is not None
    assert "safe" in str(error)
    assert str(path) in str(error)
    assert events(path) == acknowledged
    limit_pages(log, 1000)
    rest = range(len(acknowledged), 40)
    more = [log.submit([draft(number, data=b"x" * 2000)]).result()[0] for number in rest]
    asyncio.run(log.close())
    assert events(path) == [*acknowledged, *more]
    assert [e.seq for e in events(path)] == list(range(1, 41))
    with LogReader(path) as reader:
        assert reader.verify("run-a") == 40


def test_full_batch_is_refused_whole(tmp_path: Path) -> None:
    """A batch that does not fit is not written at all."""
    path = tmp_path / "log.db"
    log = open_log(path)
    log.submit([draft(1)]).result()
    limit_pages(log, 20)
    refused = log.submit([draft(number, data=b"x" * 2000) for number in range(2, 99)])
    assert isinstance(refused.exception(), LogFull)
    limit_pages(log, 1000)
    assert log.submit([draft(2)]).result()[0].seq == 2
    asyncio.run(log.close())
    assert [e.seq for e in events(path)] == [1, 2]


LIMITED = """
import json, resource, signal, sys
from pathlib import Path
from transfer_prompting.storage.errors import LogFull
from transfer_prompting.storage.event import Draft
from transfer_prompting.storage.log import EventLog
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = EventLog(Path(sys.argv[1]), lambda: 1)
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, limits[1]))
def append(number):
    return log.submit([Draft("run-a", f"id-{number}", "k", 1, "a/b", (), None, b"x" * 3000)]).result()[0].seq
done, error = [], None
for number in range(200):
    try:
        done.append(append(number))
    except LogFull as full:
        error = str(full)
        break
print(json.dumps([done, error]), flush=True)
sys.stdin.readline()
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
print(json.dumps([append(number) for number in range(len(done), len(done) + 50)]), flush=True)
sys.stdin.read()
"""


def test_full_disk(tmp_path: Path) -> None:
    """A write that the operating system refuses has the same effect, also after SIGKILL."""
    path = tmp_path / "log.db"
    with child(LIMITED, path) as writer:
        done, error = json.loads(said(writer))
        assert done == list(range(1, len(done) + 1))
        assert "All events acknowledged so far are safe" in error
        assert [e.seq for e in events(path)] == done
        writer.stdin.write("\n")
        writer.stdin.flush()
        more = json.loads(said(writer))
        writer.kill()
        writer.wait()
    with LogReader(path) as reader:
        assert [e.seq for e in reader.read("run-a")] == done + more
        assert reader.verify("run-a") == len(done) + 50


def test_anchor_that_cannot_be_written(tmp_path: Path) -> None:
    """A head anchor that cannot be written does not fail the append."""
    path = tmp_path / "log.db"
    head_path(path).with_name("log.db.head.new").mkdir()
    log = open_log(path)
    assert log.submit([draft(1)]).result()[0].seq == 1
    asyncio.run(log.close())
    assert not head_path(path).exists()
    assert len(events(path)) == 1


def test_what_follows_a_refused_batch_is_refused_too(tmp_path: Path) -> None:
    """A batch that depends on a failed batch is not written."""
    path = tmp_path / "log.db"
    log = open_log(path)
    limit_pages(log, 20)
    first = log.submit([draft(number, data=b"x" * 2000) for number in range(1, 99)])
    assert isinstance(first.exception(), LogFull)
    limit_pages(log, 1000)
    second = log.submit([draft(99)], after=first)
    third = log.submit([draft(100)], after=second)
    assert second.exception() is first.exception()
    assert third.exception() is first.exception()
    assert log.submit([draft(101)]).result()[0].seq == 1
    asyncio.run(log.close())
