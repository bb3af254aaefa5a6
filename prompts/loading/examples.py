"""Examples from drafts: understand and check their right answers."""

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

from ..errors import TaskError
from ..reading.answers import check_example
from ..reading.json_text import canonical
from ..task import Example, Task
from .answer_settings import GoldMeaning
from .cells import MISSING
from .drafts import Draft
from .fields import check_choices
from .fingerprints import fingerprints
from .golds import right_options
from .placed import Placed


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
            return [canonical(sorted(set(items)))]
        return draft.answers

    def _check(self, example: Example, where: str) -> None:
        """Raise `TaskError` naming `where` if the question is empty, or no reply could give the answer."""
        if self._asks and not example.question.strip():
            raise TaskError(f"{where}: the question is empty. Fill it in or drop the row.")
        is_label = self._task.answer.type == "label"
        for answer in example.right_answers:
            if is_label and answer in self._readable:
                continue
            asked = example if answer == example.answer else example.model_copy(update={"answer": answer})
            check_example(self._task, asked, where, gold_needed=self._needs_gold)
            if is_label:
                self._readable.add(answer)


def named(part: str, placed: Sequence[Placed]) -> list[Placed]:
    """Name each example without an id after its part and its number, and return them all."""
    for number, one in enumerate(placed, 1):
        if not one.example.id:
            one.example = one.example.model_copy(update={"id": f"{part}-{number}"})
    return list(placed)
