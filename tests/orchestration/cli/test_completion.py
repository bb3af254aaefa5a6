"""Commands, options and runs are completed in a shell."""

from collections.abc import Callable
from pathlib import Path

import pytest
from log_making import draft, write
from program_calls import Tp

from transfer_prompting.orchestration.cli.app import COMPLETE

Complete = Callable[..., list[str]]


@pytest.fixture
def completed(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Return a function that completes the last of some words as bash asks for it."""

    def complete(*words: str) -> list[str]:
        monkeypatch.setenv(COMPLETE, "bash_complete")
        monkeypatch.setenv("COMP_WORDS", " ".join(("tp", *words)))
        monkeypatch.setenv("COMP_CWORD", str(len(words)))
        ended = tp()
        assert (ended.status, ended.err) == (0, "")
        return [line.partition(",")[2] for line in ended.out.splitlines()]

    return complete


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script(tp: Tp, shell: str) -> None:
    """The script for a shell asks the program through its variable."""
    ended = tp("completion", shell)
    assert ended.status == 0
    assert f"{COMPLETE}={shell}_complete" in ended.out


def test_the_shell_in_use(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name the shell is that of the variable SHELL; one that is not known is an error."""
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    assert tp("completion").out == tp("completion", "zsh").out
    monkeypatch.setenv("SHELL", "/bin/csh")
    ended = tp("completion")
    assert ended.status == 2
    assert "Name the shell: bash, zsh, fish." in ended.err


def test_commands(completed: Complete) -> None:
    """The beginning of a command is completed."""
    assert completed("rep") == ["replay", "report"]


def test_runs(completed: Complete, tmp_path: Path) -> None:
    """The name of a run is completed from the log, and "demo" is always there."""
    assert completed("show", "") == ["last", "demo"]
    write(tmp_path / "transfer-prompting.db", draft(1, "tickets-1a2b"))
    assert completed("show", "t") == ["tickets-1a2b"]


def test_runs_of_another_log(completed: Complete, tmp_path: Path) -> None:
    """The log that the line names is read."""
    write(tmp_path / "other.db", draft(1, "other-1"))
    assert completed("show", "--log", "other.db", "o") == ["other-1"]


def test_no_log(completed: Complete, tmp_path: Path) -> None:
    """A file that is no log ends no completion."""
    (tmp_path / "transfer-prompting.db").write_text("nonsense")
    assert completed("show", "l") == ["last"]
