"""Tasks and files of examples, for the tests of the prompts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hypothesis import settings

from transfer_prompting.prompts.loading.answer_settings import AnswerSettings
from transfer_prompting.prompts.loading.data_settings import DataSettings
from transfer_prompting.prompts.loading.task_loader import load_task
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.prompts.task import AnswerFormat, AnswerType, Example, Split, Task

PROPERTY = settings(deadline=None, database=None, max_examples=60)
"""Settings of property tests, which use neither a clock nor files."""
ALL: Mapping[Split, int] = {"train": 10_000, "dev": 10_000, "test": 10_000}
"""Limits that take every example."""


def task(type_: AnswerType, labels: Sequence[str] = (), **fields: Any) -> Task:
    """Return a task without examples whose answers are of `type_`."""
    return Task(
        name="toy",
        description="Decide.",
        answer=AnswerFormat(type=type_, labels=tuple(labels)),
        initial_prompts=("Answer the question.",),
        **fields,
    )


YES_NO = task("label", ("yes", "no"))
NUMBER = task("number")
TEXT = task("text")
LETTER = task("letter")


def example(answer: str = "yes", **fields: Any) -> Example:
    """Return an example with the right answer `answer`."""
    return Example(**{"id": "e1", "question": "Is it?", "answer": answer} | fields)


def choosing(answer: str, *choices: str) -> Example:
    """Return an example with choices of its own."""
    return example(answer, choices=choices)


def row(number: int, answer: str = "yes", **fields: Any) -> dict[str, Any]:
    """Return one row of a file."""
    return {"id": f"r{number}", "question": f"Question {number}?", "answer": answer} | fields


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write JSON Lines."""
    path.write_text("".join(f"{json.dumps(one)}\n" for one in rows), encoding="utf-8")


def load(
    folder: Path,
    data: Mapping[str, Any],
    type_: AnswerType = "label",
    labels: Sequence[str] = ("yes", "no"),
    limits: Mapping[Split, int] = ALL,
    seed: int = 1,
) -> Task:
    """Load a task from files in `folder`."""
    settings = TaskSettings(
        description="Decide.",
        initial_prompts=("Answer the question.",),
        answer=AnswerSettings(type=type_, labels=tuple(labels)),
        data=DataSettings(**data),
    )
    return load_task("toy", settings, folder, limits, seed)
