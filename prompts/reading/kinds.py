"""The kinds of answer: one reader and one comparison for each `AnswerType`.

To add a kind, write a module with its reader and add a line to `KINDS`.
"""

from collections.abc import Callable
from typing import NamedTuple

from ..task import AnswerFormat, AnswerType, Example, Task
from .label import read_label, same_label
from .letter import read_letter, same_letter
from .number import read_number, same_number
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


KINDS: dict[AnswerType, Kind] = {
    "label": Kind(read_label, same_label),
    "letter": Kind(read_letter, same_letter),
    "number": Kind(read_number, same_number),
    "text": Kind(read_text, same_words),
}


def read_answer(text: str, task: Task, example: Example) -> str | None:
    """Return the canonical form of an answer to `example`, or None if `text` is no answer of its kind."""
    return KINDS[task.answer.type].read(text, task.answer, example)
