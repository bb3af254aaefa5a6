"""Kinds of answer: each type that a task may have is read and compared."""

from typing import get_args

import pytest
from task_making import LETTER, NUMBER, TEXT, YES_NO, choosing, task

from transfer_prompting.prompts.reading.kinds import KINDS, read_answer
from transfer_prompting.prompts.task import AnswerType, Task


def test_every_type_has_a_kind() -> None:
    """Each type of answer that a task may demand has a reader and a comparison."""
    assert set(KINDS) == set(get_args(AnswerType))


@pytest.mark.parametrize(
    ("demanding", "text"),
    [
        (YES_NO, "yes"),
        (LETTER, "B"),
        (NUMBER, "12.50"),
        (TEXT, "New York."),
        (task("list"), "b, a"),
        (task("list", ("a", "b")), "B, a"),
        (task("json"), '{"b": 1.0, "a": [null]}'),
        (task("raw"), " a\nb"),
    ],
)
def test_canonical_answers_are_fixed(demanding: Task, text: str) -> None:
    """Reading a canonical answer again returns the same answer, which equals itself."""
    asked = choosing("A", "one", "two")
    answer = read_answer(text, demanding, asked)
    assert answer is not None
    assert read_answer(answer, demanding, asked) == answer
    assert KINDS[demanding.answer.type].same(answer, answer)
