"""Fixtures of the security tests: the program called in an empty folder, with a state folder of its own."""

from pathlib import Path

import pytest
from program_calls import Tp, caller

from transfer_prompting.orchestration.trust.records import STATE_VARIABLE


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the state folder of a user who has approved nothing yet."""
    folder = tmp_path / "state"
    monkeypatch.setenv(STATE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which is empty."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def tp(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], here: Path) -> Tp:
    """Call `tp` with arguments, in an empty folder."""
    return caller(monkeypatch, capsys)
