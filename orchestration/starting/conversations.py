"""Conversations as rows: what was said before, and the assistant's last words as the right answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from .columns import Column

_ROLES = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "model": "assistant",
    "bot": "assistant",
}
"""Name of a speaker in a file -> role."""
Turn = tuple[str, Any]
"""Role and content."""


def rows_of_conversations(columns: Mapping[str, Column]) -> tuple[list[dict[str, Any]], str] | None:
    """Return rows, and a remark, if one column holds whole conversations and the others say nothing.

    None otherwise. A conversation without an answer at its end gives no row.
    """
    talking = [(column, found) for column in columns.values() if (found := _conversations(column))]
    others = [c for c in columns.values() if not (c.is_identifier or len(c.distinct) == 1 or not c.cells)]
    if len(talking) != 1 or others != [talking[0][0]]:
        return None
    column, found = talking[0]
    usable = [turns for turns in found if _has_answer(turns)]
    if len(usable) < 2:
        return None
    alike = len({repr(turns[: _begins(turns)]) for turns in usable}) == 1
    short = alike and all(len(_before(turns)) == 1 for turns in usable)
    remark = f"The right answers are the last words of the assistant in {column.name!r}."
    if left := len(found) - len(usable):
        remark += f" {left} of {len(found)} conversations do not end with any, and are left out."
    return [_row(turns, alike=alike, short=short) for turns in usable], remark


def _conversations(column: Column) -> list[list[Turn]]:
    """Return the turns of each cell; [] if a cell is no conversation."""
    found = [_turns(cell) for cell in column.cells]
    return [turns for turns in found if turns] if all(found) else []


def _turns(cell: Any) -> list[Turn]:
    if not isinstance(cell, list | tuple) or not all(isinstance(turn, Mapping) for turn in cell):
        return []
    for speaker, words in (("role", "content"), ("from", "value")):
        turns = [(_ROLES.get(str(turn.get(speaker)).casefold(), ""), turn.get(words)) for turn in cell]
        if turns and all(role for role, _ in turns):
            return turns
    return []


def _has_answer(turns: Sequence[Turn]) -> bool:
    role, words = turns[-1]
    spoken = isinstance(words, str) and bool(words.strip())
    return role == "assistant" and spoken and bool(_before(turns)) and all(said for _, said in turns)


def _begins(turns: Sequence[Turn]) -> int:
    """Return the number of the first turn after the system's message."""
    return 1 if turns[0][0] == "system" else 0


def _before(turns: Sequence[Turn]) -> list[Turn]:
    """Return the turns between the system's message and the answer."""
    return list(turns[_begins(turns) : -1])


def _row(turns: Sequence[Turn], *, alike: bool, short: bool) -> dict[str, Any]:
    """Return a row. If all conversations begin `alike`, the system's message has a column of its own."""
    own = _begins(turns) if alike else 0
    said = [{"role": role, "content": words} for role, words in turns[own:-1]]
    asked = {"question": said[0]["content"]} if short else {"history": said}
    return {**({"system": turns[0][1]} if own else {}), **asked, "answer": turns[-1][1]}
