"""Examples from drafts: understand and check their right answers."""

from collections.abc import Sequence
from string import ascii_uppercase

from ..reading.answers import check_example
from ..task import Example, Split, Task
from .drafts import Draft, check_options
from .golds import right_options
from .overlap import Placed
from .task_settings import GoldMeaning


def examples_of(task: Task, meaning: GoldMeaning, drafts: Sequence[Draft]) -> list[Placed]:
    """Return the checked examples of drafts, each with its place. An id may still be empty.

    Raises `TaskError` naming the place of the first faulty row.
    """
    return [(draft.where, _example(task, meaning, draft)) for draft in drafts]


def named(split: Split, placed: Sequence[Placed]) -> list[Placed]:
    """Return the examples of a split, with ids: one without an id is named after its split and number."""
    return [
        (where, example if example.id else example.model_copy(update={"id": f"{split}-{number}"}))
        for number, (where, example) in enumerate(placed, 1)
    ]


def _example(task: Task, meaning: GoldMeaning, draft: Draft) -> Example:
    answers: Sequence[str] = draft.answers
    if task.answer.type == "label":
        labels = task.answer.labels
        answers = [labels[index] for index in right_options(draft, labels, meaning)]
    elif task.answer.type == "letter":
        check_options(draft)
        answers = [ascii_uppercase[index] for index in right_options(draft, draft.choices, meaning)]
    example = Example(
        id=draft.id,
        question=draft.question,
        answer=answers[0],
        context=draft.context or None,
        choices=draft.choices or None,
        alternatives=tuple(answers[1:]),
    )
    for answer in answers:
        check_example(task, example.model_copy(update={"answer": answer}), draft.where)
    return example
