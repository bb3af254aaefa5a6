"""Ctrl-C ends a command with one line and the exit status that shells expect."""

import pytest
from program_calls import Tp


def test_interrupted_run(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted run names the command that continues it, and exits with status 130."""
    assert tp("init").status == 0

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("transfer_prompting.orchestration.cli.run.read_config", interrupt)
    ended = tp("run")
    assert ended.status == 130
    assert (
        ended.err == "Error: Interrupted. Nothing in the log is lost: `tp resume last` continues the run.\n"
    )


def test_interrupted_reading(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted command that only reads says no more than that it was interrupted."""

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("transfer_prompting.orchestration.cli.tasks.bundled_tasks", interrupt)
    ended = tp("tasks")
    assert ended.status == 130
    assert ended.err == "Error: Interrupted.\n"
