"""docs/reading-a-run.md: its commands answer its questions."""

from pathlib import Path

import pytest
from reading_page import PAGE, carry_out, commands, place_log

from transfer_prompting.orchestration.projections.history import RunHistory


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Command of the page -> what it prints now."""
    folder: Path = tmp_path_factory.mktemp("reading")
    place_log(folder)
    return {command: carry_out(command, folder) for command in commands(PAGE.read_text(encoding="utf-8"))}


def _found(told: dict[str, str], beginning: str) -> str:
    [out] = [out for command, out in told.items() if command.startswith(beginning)]
    return " ".join(out.split())


def test_which_prompt_won(told: dict[str, str], account: RunHistory) -> None:
    """The first command tells the verdict and the prompt that won."""
    finished = account.state.finished
    assert finished is not None
    out = _found(told, "tp show last |")
    assert finished.verdict in out
    assert finished.best.id in out


def test_why_it_was_dropped(told: dict[str, str]) -> None:
    """The second tells when a prompt was stopped, and how far behind it was."""
    out = _found(told, "tp why last p05ad726a |")
    assert "stopped after" in out or "lost" in out
    assert "points" in out


def test_what_was_said(told: dict[str, str]) -> None:
    """The third tells the reply, how it was read and what was right."""
    out = _found(told, "tp why last best --example")
    assert "Right answer: " in out
    assert "Read as " in out


def test_costs_and_times(told: dict[str, str], account: RunHistory) -> None:
    """The fourth tells the tokens of each role, and where the time went."""
    out = _found(told, "tp cost last")
    tokens = sum(call.prompt_tokens for call in account.calls.by_id.values() if call.role == "scorer")
    assert f"{tokens:,}" in out
    assert all(role in out for role in ("scorer", "reference", "judge", "verdict", "share"))


def test_the_report(told: dict[str, str]) -> None:
    """The last writes the page that tells all of it."""
    assert _found(told, "tp report last") == ""
