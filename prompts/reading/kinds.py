"""The kinds of answer: one reader and one comparison for each `AnswerType`.

To add a kind, write a module with its reader and add a line to `KINDS`.
"""

from collections.abc import Callable
from typing import NamedTuple

from ..task import AnswerFormat, AnswerType, Example, Task
from .json_answer import find_json, is_bare_json, read_json
from .json_text import same_json
from .label import read_label, same_label
from .letter import read_letter, same_letter
from .list_answer import find_list, is_bare_list, read_list, same_list
from .number import read_number, same_number
from .raw import is_bare_raw, read_raw, same_raw
from .text import read_text
from .wording import same_words


class Kind(NamedTuple):
    """Reader and comparison of one kind of answer."""

    read: Callable[[str, AnswerFormat, Example], str | None]
    """Return the canonical form of an answer, or None if the text is no answer of this kind.

    The text must state the answer: the right word somewhere in it is not enough.
    """
    same: Callable[[str, str], bool]
    """Return whether two canonical answers are equal."""
    find: Callable[[str, AnswerFormat, Example], str | None] | None = None
    """Return the canonical answer of a whole reply, for kinds that `stated` does not find by their labels."""
    bare: Callable[[str, AnswerFormat], bool] | None = None
    """Return whether a text is an answer in exactly the demanded form, for kinds `form` does not know."""


KINDS: dict[AnswerType, Kind] = {
    "label": Kind(read_label, same_label),
    "letter": Kind(read_letter, same_letter),
    "number": Kind(read_number, same_number),
    "text": Kind(read_text, same_words),
    "list": Kind(read_list, same_list, find_list, is_bare_list),
    "json": Kind(read_json, same_json, find_json, is_bare_json),
    "raw": Kind(read_raw, same_raw, read_raw, is_bare_raw),
}


def read_answer(text: str, task: Task, example: Example) -> str | None:
    """Return the canonical form of an answer to `example`, or None if `text` is no answer of its kind."""
    return KINDS[task.answer.type].read(text, task.answer, example)
