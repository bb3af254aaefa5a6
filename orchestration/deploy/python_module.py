"""The winner as a Python module: `program.py` with what was measured filled in."""

import re
from collections.abc import Sequence
from pathlib import Path

from . import program
from .bodies import body_of, parameters_of
from .literals import python_text, python_value
from .program import Column, Turn
from .reading_note import reading_note
from .winner import Winner

_MEASURED = re.compile(r"(?<=^# -- what was measured --\n).*?(?=^# -- end)", re.MULTILINE | re.DOTALL)


def python_module(winner: Winner) -> str:
    """Return the source of a module that sends the measured request. It needs no packages.

    The server of the run is named in it only if the run was started or approved here.
    """
    source = Path(program.__file__).read_text(encoding="utf-8")
    return _MEASURED.sub(lambda _: _constants(winner), source, count=1)


def _constants(winner: Winner) -> str:
    template, model = winner.template, winner.model
    body = body_of(winner.request(winner.row()), model)
    lines = [
        f"RUN = {python_text(winner.run)}",
        f"PROMPT = {python_text(winner.candidate.id)}",
        f"MEASURED_WITH = {python_text(winner.measured_with)}",
        f"READING = {python_text(reading_note(winner.task, winner.settings))}",
        f"MODEL = {python_text(body['model'])}",
    ]
    named = winner.approved and model.base_urls
    lines += [
        f"BASE_URL = {python_text(model.base_urls[0] if named else program.BASE_URL)}",
        f"KEY_VARIABLE = {python_text(model.api_key_env if named else program.KEY_VARIABLE)}",
        f"PARAMETERS: dict[str, Any] = {python_value(parameters_of(body))}",
        f"TURNS: tuple[Turn, ...] = {_turns(template.turns)}",
        f"WITHOUT_CONTEXT: tuple[Turn, ...] | None = {_turns(template.without_context)}",
        f"ENDING = {_text(template.ending, 0)}",
    ]
    return "\n".join(lines) + "\n"


def _turns(turns: Sequence[Turn] | None) -> str:
    if turns is None:
        return "None"
    return "(\n" + "".join(_turn(turn) for turn in turns) + ")"


def _turn(turn: Turn) -> str:
    pieces = "".join(f"            {_piece(piece)},\n" for piece in turn.pieces)
    history = "        history=True,\n" if turn.history else ""
    return f"    Turn(\n        {python_text(turn.role)},\n        (\n{pieces}        ),\n{history}    ),\n"


def _piece(piece: str | Column) -> str:
    if isinstance(piece, str):
        return _text(piece, 12)
    form = f", {python_text(piece.form)}" if piece.form != "as it is" else ""
    return f"Column({python_text(piece.name)}{form})"


def _text(text: str, indent: int) -> str:
    """Return a literal with one line of source for each line of `text`."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    if len(lines) < 2:
        return python_text(text)
    inner = "".join(f"{' ' * (indent + 4)}{python_text(line)}\n" for line in lines)
    return f"(\n{inner}{' ' * indent})"
