"""A command that reads a log warns if events may be missing at its end, and shows what is left."""

import shutil
from pathlib import Path

import pytest
from harbour_run import harbour_log
from log_making import hurt
from program_calls import Tp

from transfer_prompting.storage.head import head_path

COMMANDS = (
    ["runs"],
    ["show", "last"],
    ["best", "last"],
    ["cost", "last"],
    ["why", "last", "best"],
    ["watch", "last", "--no-follow", "--display", "log"],
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A copy of a whole log with its anchor."""
    path = tmp_path / "log.db"
    original = harbour_log()
    shutil.copy(original, path)
    shutil.copy(head_path(original), head_path(path))
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_warning(tp: Tp, log: Path, command: list[str]) -> None:
    """A log without its anchor is shown as before, with a warning on stderr only."""
    whole = tp(*command, "--log", log)
    assert whole.err == ""
    head_path(log).unlink()
    ended = tp(*command, "--log", log)
    assert (ended.status, ended.out) == (0, whole.out)
    assert ended.err.startswith("Warning: ")
    assert "has events but no head anchor" in ended.err


def test_cut_tail(tp: Tp, log: Path) -> None:
    """The warning about a cut tail says what is missing."""
    hurt(log, "DELETE FROM event WHERE seq > 100")
    ended = tp("runs", "--log", log)
    assert ended.status == 0
    assert "but the log ends at 100: its last events are lost" in ended.err


def test_broken_anchor(tp: Tp, log: Path) -> None:
    """A broken anchor does not keep anybody from looking at the log."""
    head_path(log).write_text("{")
    ended = tp("runs", "--log", log)
    assert ended.status == 0
    assert ended.err.startswith("Warning: ")
