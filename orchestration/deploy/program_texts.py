"""The winner of a program as a Python module: its texts by name."""

from collections.abc import Mapping

from ...prompts.named_texts import split_texts
from ...storage.hints import command
from ..errors import ConfigError
from .literals import python_text
from .winner import Winner


def texts_of(winner: Winner) -> Mapping[str, str]:
    """Return name -> text of a winner."""
    return split_texts(winner.candidate.text, winner.task.texts) or {}


def refuse_program(winner: Winner, form: str) -> None:
    """Raise `ConfigError` if the winner belongs to a program, for which `form` would be wrong."""
    if winner.task.program is not None:
        raise ConfigError(
            f"Task {winner.task.name} has a program, which makes its own requests, so --as {form} "
            f"cannot print them. `{_best(winner, 'python')}` prints its texts by name, "
            f"`{_best(winner, 'json')}` also the evidence, and `{command('why', winner.run, 'best')} "
            "--example ID` the requests that it made for an example."
        )


def _best(winner: Winner, form: str) -> str:
    return command("best", winner.run, options=["--as", form])


def texts_module(winner: Winner) -> str:
    """Return the source of a module with the texts in `PROMPTS`, as the program is given them."""
    texts = "".join(f"    {python_text(name)}: {_text(text)},\n" for name, text in texts_of(winner).items())
    return (
        '"""Texts of a program, as transfer-prompting has found them: its `prompts`."""\n\n'
        f"RUN = {python_text(winner.run)}\n"
        f"PROMPT = {python_text(winner.candidate.id)}\n"
        f"TASK = {python_text(winner.task.name)}\n"
        f"MEASURED_WITH = {python_text(winner.measured_with)}\n"
        f"PROMPTS = {{\n{texts}}}\n"
    )


def _text(text: str) -> str:
    """Return a literal with one line of source for each line of `text`."""
    lines = text.splitlines(keepends=True)
    if len(lines) < 2:
        return python_text(text)
    return "(\n" + "".join(f"        {python_text(line)}\n" for line in lines) + "    )"
