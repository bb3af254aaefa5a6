"""The commands in docs/reading-a-run.md answer its questions."""

from pathlib import Path

import pytest
from blocks import blocks, same
from blocks import commands as shown_commands
from reading_page import PAGE, carry_out, commands, place_log

from transfer_prompting.orchestration.projections.history import RunHistory


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the commands of the page with what they print now."""
    folder: Path = tmp_path_factory.mktemp("reading")
    place_log(folder)
    return {command: carry_out(command, folder) for command in commands(PAGE.read_text(encoding="utf-8"))}


def _found(printed: dict[str, str], beginning: str) -> str:
    [out] = [out for command, out in printed.items() if command.startswith(beginning)]
    return " ".join(out.split())


def test_which_prompt_won(printed: dict[str, str], account: RunHistory) -> None:
    """The first command prints the verdict and the prompt that won."""
    finished = account.state.finished
    assert finished is not None
    out = _found(printed, "tp show last |")
    assert finished.verdict in out
    assert finished.best.id in out


def test_why_it_was_dropped(printed: dict[str, str]) -> None:
    """The second command prints when a prompt was stopped, and by how much it trailed."""
    out = _found(printed, "tp why last p05ad726a |")
    assert "stopped after" in out or "lost" in out
    assert "points" in out


def test_what_was_said(printed: dict[str, str]) -> None:
    """The third command prints the reply, how it was read, and the right answer."""
    out = _found(printed, "tp why last best --example")
    assert "Right answer: " in out
    assert "Read as " in out


def test_costs_and_times(printed: dict[str, str], account: RunHistory) -> None:
    """The fourth command prints the tokens of each role, and where the time went."""
    out = _found(printed, "tp cost last")
    tokens = sum(call.prompt_tokens for call in account.calls.by_id.values() if call.role == "scorer")
    assert f"{tokens:,}" in out
    assert all(role in out for role in ("scorer", "reference", "judge", "verdict", "share"))


def test_the_report(printed: dict[str, str]) -> None:
    """The last command writes the report, and prints nothing on stdout."""
    assert _found(printed, "tp report last") == ""


def test_the_page_shows_what_is_printed(printed: dict[str, str]) -> None:
    """Apart from lines left out and numbers, the page shows the output of each command."""
    page = PAGE.read_text(encoding="utf-8")
    consoles = [block for block in blocks(page) if block.language == "console"]
    for shown in [command for block in consoles for command in shown_commands(block)]:
        assert same(shown.output, printed[shown.line]), shown.line
