"""Events missing at the end of a log are noticed, also if its head anchor was changed or removed."""

import json
import shutil
from pathlib import Path

import pytest
from log_making import draft, events, hurt, open_log, write

from transfer_prompting.storage.errors import TailMissing
from transfer_prompting.storage.head import EMPTY, head_path, read_head
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of a log with five events."""
    path = tmp_path / "log.db"
    write(path, *(draft(n) for n in range(5)))
    return path


def lower(path: Path, seq: int) -> None:
    """Let the head anchor name an earlier event of the log."""
    event = events(path)[seq - 1]
    head_path(path).write_text(json.dumps({"run": event.run, "seq": seq, "hash": event.hash.hex()}))


def _check(path: Path) -> None:
    with LogReader(path) as reader:
        reader.check_end()


def test_a_whole_log(path: Path) -> None:
    """A log with its anchor passes the check."""
    _check(path)


def test_a_cut_tail_with_a_lowered_anchor(path: Path) -> None:
    """Readers and writers notice a cut tail although the anchor names the last event that is left."""
    hurt(path, "DELETE FROM event WHERE seq > 3")
    lower(path, 3)
    with LogReader(path) as reader:
        with pytest.raises(TailMissing, match="Seq 5 was written, but the log ends at 3"):
            reader.verify("run-a")
        with pytest.raises(TailMissing, match="Seq 5 was written"):
            reader.check_end()
    with pytest.raises(TailMissing, match=r"(?s)seq 5 was written.*remove the \.head file"):
        open_log(path)


def test_a_cut_tail_without_an_anchor(path: Path) -> None:
    """Readers notice a cut tail although there is no anchor."""
    hurt(path, "DELETE FROM event WHERE seq > 3")
    head_path(path).unlink()
    with LogReader(path) as reader, pytest.raises(TailMissing, match="Seq 5 was written"):
        reader.verify("run-a")


def test_a_log_of_which_nothing_is_left(path: Path) -> None:
    """Readers notice that every event was removed."""
    hurt(path, "DELETE FROM event")
    head_path(path).unlink()
    with pytest.raises(TailMissing, match="the log ends at 0"):
        _check(path)


def test_a_missing_anchor(path: Path) -> None:
    """A log with events and without an anchor fails the check, and the message says how to accept it."""
    head_path(path).unlink()
    with LogReader(path) as reader:
        assert reader.verify("run-a") == 5
    with pytest.raises(TailMissing, match=r"no head anchor.*copy its \.head file.*accept.*tp resume"):
        _check(path)
    write(path)
    _check(path)


def test_a_log_copied_without_its_anchor(path: Path, tmp_path: Path) -> None:
    """The copy can be read; it passes the check after it was opened for writing once."""
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    assert events(copy) == events(path)
    with pytest.raises(TailMissing, match="no head anchor"):
        _check(copy)
    write(copy, draft(9))
    _check(copy)


async def test_an_anchor_that_is_far_behind(tmp_path: Path) -> None:
    """An anchor may lag for a moment, as after a crash, but not for more than a minute."""
    path, times = tmp_path / "log.db", [1, 2, 3, 50_000_000, 62_000_000]
    clock = iter(times)
    log = await EventLog.open(path, lambda: next(clock))
    for number in range(5):
        await log.append([draft(number)])
    await log.close()
    lower(path, 2)
    _check_lag(path, far=True)
    lower(path, 3)
    _check_lag(path, far=False)
    write(path)
    head = read_head(path)
    assert head is not None
    assert head.seq == 5


def _check_lag(path: Path, *, far: bool) -> None:
    if far:
        with pytest.raises(TailMissing, match="knows seq 2 although seq 5 came much later"):
            _check(path)
    else:
        _check(path)


def test_an_empty_log_has_an_anchor(tmp_path: Path) -> None:
    """The anchor is there before the first event, so a crash never leaves events without one."""
    path = tmp_path / "log.db"
    write(path)
    assert read_head(path) == EMPTY
    _check(path)


def test_accepted_tail(path: Path) -> None:
    """After the anchor was removed on purpose, a writer goes on and the log passes every check."""
    hurt(path, "DELETE FROM event WHERE seq > 3")
    head_path(path).unlink()
    write(path)
    _check(path)
    [event] = write(path, draft(9))
    assert event.seq == 4
    with LogReader(path) as reader:
        assert reader.verify("run-a") == 4
