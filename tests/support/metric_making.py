"""Grade outputs in tests of the metrics."""

from typing import Any

from task_making import task

from transfer_prompting.prompts.metrics.builtin import grade
from transfer_prompting.prompts.metrics.grade import Grade, Output
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerType, Example

ROUGH = (
    "",
    " ",
    "\0",
    "\ud800",
    "a\0b\x1b[31m",
    "👩‍👩‍👧‍👦 ✅",
    "東京は日本の首都です。",
    "नमस्ते दुनिया",
    "กรุงเทพมหานคร",
    "\u202eabc\u200b\ufeff",
    "NaN",
    '{"a": NaN}',
    "[" * 100_000,
    '{"a":' * 2_000 + "1" + "}" * 2_000,
    "9" * 5_000,
    "1e999",
    "a" * 300_000,
    "the a an the",
    "*" * 5_000,
    "...!!!???",
    "<<" * 3_000,
)
"""Texts that a model or a server may return."""


def settings(use: str, **options: Any) -> MetricSettings:
    """Return the settings of a metric."""
    return MetricSettings.model_validate({"use": use, **options})


def example(gold: str, *more: str, **columns: Any) -> Example:
    """Return an example with right answers and columns."""
    return Example(id="e1", question="Which?", answer=gold, alternatives=more, columns=columns)


def graded(use: str, gold: str, text: str, *more: str, kind: AnswerType = "text", **options: Any) -> Grade:
    """Return the grade of the output `text` against the right answer `gold` and `more` of them."""
    made = task(kind, ("a", "b") if kind == "label" else ())
    return grade(settings(use, **options), made, example(gold, *more), Output(text, text))


def value(use: str, gold: str, text: str, *more: str, kind: AnswerType = "text", **options: Any) -> float:
    """Return the value of that grade."""
    return graded(use, gold, text, *more, kind=kind, **options).value
