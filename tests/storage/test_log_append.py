"""Appending events and reading them back."""

from pathlib import Path

import pytest
from log_making import draft, events, open_log, write, writing

from transfer_prompting.storage.errors import StorageError, UnknownRun
from transfer_prompting.storage.event import Draft, event_id
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader


def test_read_back(tmp_path: Path) -> None:
    """An appended event is read back field by field."""
    path = tmp_path / "log.db"
    said = Draft("run-a", "id-1", "kind.x", 7, "scorer/main", ("a/b", "c/d"), "id-0", b'{"text": "\xc3\xa9"}')
    (written,) = write(path, said)
    (found,) = events(path)
    assert found == written
    assert found.same_as(said)
    assert (found.seq, found.version, found.at) == (1, 1, 1)


def test_no_recipients_no_cause(tmp_path: Path) -> None:
    """An event without recipients and cause is stored as such."""
    path = tmp_path / "log.db"
    write(path, Draft("run-a", "id-1", "kind.x", 1, "user", (), None, b""))
    (found,) = events(path)
    assert (found.recipients, found.cause, found.data) == ((), None, b"")


async def test_append_awaits_the_commit(tmp_path: Path) -> None:
    """When `append` returns, another connection sees the events."""
    path = tmp_path / "log.db"
    log = await EventLog.open(path)
    appended = await log.append([draft(1), draft(2)])
    assert events(path) == appended
    await log.close()


def test_several_runs_interleave(tmp_path: Path) -> None:
    """`seq` counts over the log and `version` within a run, and reading a run yields its events only."""
    path = tmp_path / "log.db"
    write(path, draft(1, "a"), draft(1, "b"), draft(2, "a"), draft(2, "b"), draft(3, "b"))
    assert [(e.seq, e.version) for e in events(path, "a")] == [(1, 1), (3, 2)]
    assert [(e.seq, e.version) for e in events(path, "b")] == [(2, 1), (4, 2), (5, 3)]


def test_reopened_log_goes_on(tmp_path: Path) -> None:
    """A reopened log continues its numbers without a gap, in one hash chain."""
    path = tmp_path / "log.db"
    write(path, draft(1), draft(2))
    write(path, draft(3))
    assert [(e.seq, e.version) for e in events(path)] == [(1, 1), (2, 2), (3, 3)]
    with LogReader(path) as reader:
        assert reader.verify("run-a") == 3


def test_empty_batch(tmp_path: Path) -> None:
    """Appending nothing is allowed and writes nothing."""
    with writing(tmp_path / "log.db") as log:
        assert log.submit([]).result() == []
        assert log.submit([draft(1)]).result()[0].seq == 1


def test_more_than_one_page(tmp_path: Path) -> None:
    """A run longer than one page of the reader is read completely and in order."""
    path = tmp_path / "log.db"
    with writing(path) as log:
        log.submit([draft(number) for number in range(2001)]).result()
    assert [e.version for e in events(path)] == list(range(1, 2002))


def test_read_after_and_kinds(tmp_path: Path) -> None:
    """`after` leaves out the events up to a seq, and `kinds` those of other kinds."""
    path = tmp_path / "log.db"
    kinds = ["call.requested", "call.finished", "call.requested", "run.finished"]
    write(path, *(Draft("r", f"id-{n}", kind, 1, "a/b", (), None, b"{}") for n, kind in enumerate(kinds)))
    with LogReader(path) as reader:
        assert [e.seq for e in reader.read("r", after=2)] == [3, 4]
        assert [e.seq for e in reader.read("r", kinds=("call.finished", "run.finished"))] == [2, 4]
        assert [e.seq for e in reader.read("r", after=2, kinds=("call.requested",))] == [3]


def test_event_and_answer(tmp_path: Path) -> None:
    """An event is found by its seq or by its cause, and a missing seq is reported."""
    path = tmp_path / "log.db"
    write(path, draft(1), Draft("run-a", "id-2", "call.finished", 1, "model/m", (), "run-a/1", b"{}"))
    with LogReader(path) as reader:
        assert reader.event("run-a", 1).id == "run-a/1"
        assert reader.caused_by("run-a", "run-a/1", "call.finished") == reader.event("run-a", 2)
        with pytest.raises(UnknownRun, match="no event with seq 3"):
            reader.event("run-a", 3)
        assert reader.caused_by("run-a", "nobody", "call.finished") is None


async def test_append_to_a_closed_log(tmp_path: Path) -> None:
    """Appending to a closed log fails immediately, and closing it again is allowed."""
    log = open_log(tmp_path / "log.db")
    await log.close()
    await log.close()
    with pytest.raises(StorageError, match="closed"):
        await log.append([draft(1)])


@pytest.mark.parametrize("name", ["a b.db", "what?.db", "50%.db", "ünïcode.db", "a#b.db"])
def test_any_file_name(tmp_path: Path, name: str) -> None:
    """A log may have any name that the file system allows."""
    folder = tmp_path / "deep" / "er"
    folder.mkdir(parents=True)
    write(folder / name, draft(1))
    assert (folder / name).is_file()
    assert len(events(folder / name)) == 1


async def test_open_makes_folders(tmp_path: Path) -> None:
    """Opening a log creates missing folders."""
    path = tmp_path / "new" / "log.db"
    await (await EventLog.open(path)).close()
    assert path.is_file()


def test_event_ids() -> None:
    """An id depends on the run, the cause, the sender and the ordinal, and on nothing else."""
    ids = [
        event_id("r", None, "a/b", 0),
        event_id("s", None, "a/b", 0),
        event_id("r", "c", "a/b", 0),
        event_id("r", None, "a/c", 0),
        event_id("r", None, "a/b", 1),
    ]
    assert len(set(ids)) == len(ids)
    assert event_id("r", None, "a/b", 0) == ids[0]


def test_time_is_utc(tmp_path: Path) -> None:
    """The time of an event is that of its commit, in UTC."""
    (event,) = write(tmp_path / "log.db", draft(1))
    assert event.time.isoformat() == "1970-01-01T00:00:00.000001+00:00"
