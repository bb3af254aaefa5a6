"""Errors that the program expects become one paragraph and an exit status."""

import pytest
from program_calls import Tp

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.orchestration.cli import runs
from transfer_prompting.orchestration.errors import (
    ConfigError,
    OrchestrationError,
    ReplayDivergence,
    RunStopped,
)
from transfer_prompting.prompts.errors import RubricError, TaskError
from transfer_prompting.storage.errors import LogBusy, LogDamaged, LogFull, UnknownRun

FAILED = [
    ModelError("timeout", "no reply"),
    LogFull("the disk is full"),
    OrchestrationError("wrong"),
    ReplayDivergence(7, "this", "that"),
    RunStopped("no model"),
]
WRONG_INPUT = [
    ConfigError("seed"),
    TaskError("no task"),
    RubricError("no rubric"),
    LogBusy("x.db", 7),
    LogDamaged(7, "a hash"),
    UnknownRun("no run"),
]


def _raise(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def open_log(_place: object) -> None:
        raise error

    monkeypatch.setattr(runs, "open_log", open_log)


@pytest.mark.parametrize(
    ("error", "status"),
    [*((error, 1) for error in FAILED), *((error, 2) for error in WRONG_INPUT)],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_expected_errors(tp: Tp, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int) -> None:
    """The status is 1 if a run failed and 2 if the input must change; the message is all that is printed."""
    _raise(monkeypatch, error)
    ended = tp("runs")
    assert (ended.status, ended.out, ended.err) == (status, "", f"Error: {error}\n")


def test_unexpected_errors(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that the package does not raise on purpose keeps its traceback."""
    _raise(monkeypatch, KeyError("bug"))
    with pytest.raises(KeyError, match="bug"):
        tp("runs")
