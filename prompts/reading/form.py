"""The demanded form of a reply: exactly the lines that the request asks for."""

import re
from collections.abc import Sequence

from ..task import Example, Task
from .cleaning import visible, without_tokens
from .kinds import KINDS

_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)\s?%?")
_NUMBER = re.compile(r"[-+−]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?")
_EMPHASIS = ("*", "_")
_MARKDOWN = ("**", "`")


def demanded_values(text: str, labels: Sequence[str], task: Task, example: Example) -> list[str] | None:
    """Return the values of `text` if it is exactly one line for each label, in order; None otherwise.

    The lines hold an answer and a number by turns. Blanks at the ends of lines do not matter. An answer must
    be bare: an option, a number, or a text without markdown. A number lies between 0 and 100 and is no share
    such as 0.9; a sign of per cent may follow it.
    """
    lines = text.strip(" \t\r\n").replace("\r\n", "\n").split("\n")
    heads = [f"{label}: " for label in labels]
    if len(lines) != len(heads):
        return None
    if not all(line.lstrip(" \t").startswith(head) for line, head in zip(lines, heads, strict=True)):
        return None
    values = [
        line.lstrip(" \t").removeprefix(head).strip(" \t") for line, head in zip(lines, heads, strict=True)
    ]
    bare = all(is_bare(answer, task, example) for answer in values[::2])
    return values if bare and all(map(_is_percent, values[1::2])) else None


def last_line_answer(text: str, task: Task, example: Example) -> str | None:
    """Return the answer in the last line of `text` if it is exactly "Answer: " and a bare answer."""
    line = text.strip(" \t\r\n").rpartition("\n")[2].strip(" \t\r")
    answer = line.removeprefix("Answer: ").strip(" \t")
    return answer if answer != line and is_bare(answer, task, example) else None


def is_bare(value: str, task: Task, example: Example) -> bool:
    """Return whether an answer is bare: without any word, sign or markdown that is not part of it."""
    if bare := KINDS[task.answer.type].bare:
        return bare(value, task.answer)
    if options := task.options(example):
        return value.casefold() in [option.casefold() for option in options]
    if task.answer.type == "number":
        return _NUMBER.fullmatch(value) is not None
    return (
        bool(value)
        and without_tokens(visible(value)) == value
        and not any(sign in value for sign in _MARKDOWN)
        and not (value[0] == value[-1] and value[0] in _EMPHASIS)
    )


def _is_percent(value: str) -> bool:
    found = _PERCENT.fullmatch(value)
    is_share = found is not None and "." in found[1] and 0 < float(found[1]) <= 1 and "%" not in value
    return found is not None and float(found[1]) <= 100 and not is_share
