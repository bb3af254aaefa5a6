"""`tp verify` finds changes that bypassed the log, and says where."""

import json
import os
import sqlite3
from pathlib import Path

import pytest
from program_calls import Tp
from tiny_runs import begin, scripted, tiny_config

from transfer_prompting.agents.search import stage
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
async def log(tmp_path: Path) -> Path:
    """Return the log of a whole run."""
    await begin(tiny_config(tmp_path), tmp_path, scripted())
    return tmp_path / "log.db"


def _hurt(log: Path, statement: str) -> None:
    with sqlite3.connect(log, isolation_level=None) as db:
        db.execute("DROP TRIGGER event_no_update")
        db.execute("DROP TRIGGER event_no_delete")
        db.execute(statement)
    db.close()


def test_a_sound_log(log: Path, tp: Tp) -> None:
    """A valid log has one line for each run and status 0, with and without --replay."""
    for more in ([], ["tiny"], ["--replay"]):
        ended = tp("verify", *more, "--log", log)
        assert (ended.status, ended.err) == (0, "")
        assert ended.out.startswith("tiny-0001: ok, ")
        assert ended.out.count("\n") == 1


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("UPDATE event SET data = x'7B7D' WHERE seq = 1", 1),
        ("UPDATE event SET data = x'' WHERE seq = 5", 5),
        ("UPDATE event SET at = at + 1 WHERE seq = 4", 4),
        ("DELETE FROM event WHERE seq = 3", 4),
    ],
)
def test_damage(log: Path, tp: Tp, statement: str, seq: int) -> None:
    """A changed, blanked or missing row is reported with the first faulty seq and status 2."""
    _hurt(log, statement)
    ended = tp("verify", "--log", log)
    assert ended.status == 2
    assert f"tiny-0001: The log is damaged at seq {seq}:" in ended.out


def test_a_lost_tail(log: Path, tp: Tp) -> None:
    """The head anchor reveals that the end of a log is missing."""
    _hurt(log, "DELETE FROM event WHERE seq > 10")
    ended = tp("verify", "--log", log)
    assert ended.status == 2
    assert "The head anchor knows seq" in ended.out


def test_a_lost_run(log: Path, tp: Tp) -> None:
    """A run without any rows left is still named, because the head anchor remembers it."""
    _hurt(log, "DELETE FROM event")
    ended = tp("verify", "--log", log)
    assert ended.status == 2
    assert ended.out.startswith("tiny-0001: The head anchor knows seq")


def test_a_missing_anchor(log: Path, tp: Tp) -> None:
    """Without its head anchor a log fails the check, and the message says how to accept it."""
    anchor = log.with_name("log.db.head")
    anchor.unlink()
    ended = tp("verify", "--log", log)
    assert ended.status == 2
    assert "tiny-0001: ok" in ended.out
    assert "no head anchor" in ended.out
    assert "To accept the log as it is" in ended.out
    assert tp("replay", "last", "--log", log).status == 0


def test_a_lost_tail_with_a_lowered_anchor(log: Path, tp: Tp) -> None:
    """A missing end is found although the head anchor names the last event that is left."""
    _hurt(log, "DELETE FROM event WHERE seq > 10")
    with LogReader(log) as reader:
        last = reader.event("tiny-0001", 10)
    head = {"run": last.run, "seq": last.seq, "hash": last.hash.hex()}
    log.with_name("log.db.head").write_text(json.dumps(head))
    ended = tp("verify", "--log", log)
    assert ended.status == 2
    assert "was written, but the log ends at 10" in ended.out


@pytest.mark.parametrize("place", ["", ".", "/dev/null", "pipe"])
def test_no_log(tmp_path: Path, tp: Tp, place: str) -> None:
    """A place that cannot be a log is one clear error with status 2, and nobody waits for a pipe."""
    os.mkfifo(tmp_path / "pipe")
    for command in (("verify",), ("runs",), ("resume", "last")):
        ended = tp(*command, "--log", place)
        assert ended.status == 2
        assert ended.err.startswith("Error: ")
        assert "not a log" in ended.err


def test_changed_handlers(log: Path, tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --replay, handlers that publish other messages count as damage."""
    monkeypatch.setattr(stage, "reason_to_reject", lambda *_: "no prompt is good enough")
    assert tp("verify", "--log", log).status == 0
    ended = tp("verify", "--replay", "--log", log)
    assert ended.status == 2
    assert "cannot be re-enacted: at seq" in ended.out
