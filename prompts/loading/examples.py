"""Examples from drafts: understand and check their right answers."""

import json
from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from ..errors import TaskError
from ..reading.kinds import read_answer
from ..task import Example, Split, Task
from .answer_settings import GoldMeaning
from .cells import MISSING
from .drafts import Draft
from .fields import check_choices
from .fingerprints import fingerprints
from .golds import right_options
from .placed import Placed

_FORMED = ("list", "json", "raw")
"""Types of answers whose right answers have been brought into canonical form already."""


class ExampleMaker:
    """Makes the checked examples of a task from drafts."""

    def __init__(
        self, task: Task, meaning: GoldMeaning, shown: Sequence[str], *, asks: bool, needs_gold: bool
    ) -> None:
        """The model sees the columns `shown` of a row, or its question if the task `asks` one."""
        self._task, self._meaning, self._shown = task, meaning, shown
        self._asks, self._needs_gold = asks, needs_gold
        self._readable: set[str] = set()
        """Labels that a reply can give."""

    def examples(self, drafts: Sequence[Draft]) -> list[Placed]:
        """Return the examples of drafts, each with its place. An id may still be empty.

        Raises `TaskError` naming the place of the first faulty row.
        """
        examples = [self._example(draft) for draft in drafts]
        return [
            Placed(draft.where, example, draft.group, found)
            for draft, example, found in zip(
                drafts, examples, fingerprints(examples, self._shown), strict=True
            )
        ]

    def _example(self, draft: Draft) -> Example:
        answers = self._answers(draft)
        fields: dict[str, Any] = {
            "context": draft.context,
            "choices": draft.choices,
            "alternatives": tuple(answers[1:]),
            "columns": draft.columns,
        }
        # Fields that are not given take no memory.
        given = {name: value for name, value in fields.items() if value}
        if draft.weight != 1:
            given["weight"] = draft.weight
        answer = answers[0] if answers else ""
        example = Example(id=draft.id, question=draft.question, answer=answer, **given)
        self._check(example, draft.where)
        return example

    def _answers(self, draft: Draft) -> Sequence[str]:
        """Return the right answers in canonical form; none if there is none and none is needed."""
        kind, labels = self._task.answer.type, self._task.answer.labels
        if kind == "letter":
            check_choices(draft.choices, draft.where)
        if not draft.answers and draft.gold is MISSING:
            return ()
        if kind == "label":
            return [labels[index] for index in right_options(draft, labels, self._meaning)]
        if kind == "letter":
            return [ascii_uppercase[index] for index in right_options(draft, draft.choices, self._meaning)]
        if kind == "list":
            items = draft.answers
            if labels and items:
                items = tuple(labels[index] for index in right_options(draft, labels, self._meaning))
            return [json.dumps(sorted(set(items)), ensure_ascii=False, separators=(",", ":"))]
        return draft.answers

    def _check(self, example: Example, where: str) -> None:
        """Raise `TaskError` naming `where` if the question is empty, or no reply could give the answer."""
        if self._asks and not example.question.strip():
            raise TaskError(f"{where}: the question is empty. Fill it in or drop the row.")
        kind = self._task.answer.type
        for answer in example.right_answers:
            if not answer and not self._needs_gold:
                continue
            if kind in _FORMED:
                readable = bool(answer)
            elif kind == "label" and answer in self._readable:
                readable = True
            else:
                readable = read_answer(answer, self._task, example) is not None
            if not readable:
                raise self._unreadable(example, answer, where)
            if kind == "label":
                self._readable.add(answer)

    def _unreadable(self, example: Example, answer: str, where: str) -> TaskError:
        options = self._task.options(example)
        allowed = f"one of {', '.join(options)}" if options else f"a {self._task.answer.type}"
        return TaskError(f"{where}: the answer {answer!r} is not {allowed}. Correct the row or the task.")


def named(split: Split, placed: Sequence[Placed]) -> list[Placed]:
    """Name each example without an id after its split and its number, and return them all."""
    for number, one in enumerate(placed, 1):
        if not one.example.id:
            one.example = one.example.model_copy(update={"id": f"{split}-{number}"})
    return list(placed)
