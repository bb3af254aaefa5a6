"""A person as a model, at the terminal and in files."""

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.human import ANSWER_BELOW, FileAsker, HumanModel, TerminalAsker
from transfer_prompting.agents.models.registry import ModelSettings, build_model


class Terminal(io.StringIO):
    """Standard input that holds what a person types."""

    def isatty(self) -> bool:
        return True


async def test_question_at_the_terminal(ask: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The question is shown on stderr, and the next line that is not empty is the answer."""
    monkeypatch.setattr("sys.stdin", Terminal("\n \nno, too vague\nnot this one\n"))
    reply = await HumanModel(TerminalAsker()).reply(ask("May it go on?"))
    assert reply.text == "no, too vague"
    assert "May it go on?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("stdin", "message"),
    [(io.StringIO("yes\n"), "there is no terminal. Set answers"), (Terminal(""), "closed")],
)
async def test_no_terminal_is_an_error(
    ask: Any, monkeypatch: pytest.MonkeyPatch, stdin: Any, message: str
) -> None:
    """Without a terminal, or at its end, the call fails with a message that explains why."""
    monkeypatch.setattr("sys.stdin", stdin)
    with pytest.raises(ModelError, match=message):
        await HumanModel(TerminalAsker()).reply(ask("Well?"))


async def test_question_in_a_file(ask: Any, tmp_path: Path) -> None:
    """A question waits in a file for its answer, which also answers the same question later."""
    model = HumanModel(FileAsker(tmp_path / "questions"))
    waiting = asyncio.ensure_future(model.reply(ask("May it go on?")))
    while not (found := list((tmp_path / "questions").glob("*.txt"))):  # noqa: ASYNC110 - polls like a person
        await asyncio.sleep(0.01)
    text = found[0].read_text()
    assert text.startswith("May it go on?")
    assert text.rstrip().endswith(ANSWER_BELOW)
    found[0].write_text(text + "yes\n")
    assert (await waiting).text == "yes"
    assert (await model.reply(ask("May it go on?"))).text == "yes"


async def test_unusable_folder_is_an_error(ask: Any, tmp_path: Path) -> None:
    """If questions cannot be written to the folder, the error names it."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ModelError, match=r"taken.*Name another folder"):
        await HumanModel(FileAsker(tmp_path / "taken")).reply(ask("Well?"))


def test_person_is_a_provider() -> None:
    """A configuration can name a person; at the terminal only one question is open at a time."""
    assert build_model(ModelSettings(provider="human")).identity == "human"
    assert ModelSettings(provider="human").slots == 1
    assert ModelSettings(provider="human", answers="questions").slots == 16
