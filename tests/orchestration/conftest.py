"""Fixtures of the orchestration tests: the program called in this process, and a run that is read."""

from pathlib import Path

import pytest
from harbour_run import RUN, harbour_log
from program_calls import Tp, caller

from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def tp(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Tp:
    """Call `tp` with arguments, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return caller(monkeypatch, capsys)


@pytest.fixture(scope="session")
def account() -> RunHistory:
    """A whole run, read once: source, target and control stage, judged, with a verdict."""
    with LogReader(harbour_log()) as reader:
        return read_history(reader, RUN)
