"""The right answers that a metric compares with: the example's own, or those in one of its columns."""

from collections.abc import Mapping
from typing import Any

from ..errors import MetricError
from ..task import AnswerType, Example
from .json_values import as_text, items_of


def value_at(columns: Mapping[str, Any], path: str) -> Any:
    """Return the value at a path such as "answers.text" or "turns.0.content"; None if there is none.

    A step into a list of objects goes into each of them and returns a list.
    """
    if path in columns:
        return columns[path]
    value: Any = columns
    for step in path.split("."):
        value = _inside(value, step)
    return value


def column(example: Example, path: str) -> Any:
    """Return the value of a column. Raise `MetricError` if the example lacks it."""
    value = value_at(example.columns, path)
    if value is None:
        names = ", ".join(example.columns) or "none"
        raise MetricError(
            f"example {example.id}: there is nothing in column {path!r}. Its columns: {names}. "
            "Fill it in, or correct the path in the metric's options."
        )
    return value


def golds_of(example: Example, path: str | None, kind: AnswerType) -> tuple[str, ...]:
    """Return the right answers of `example` as texts, at least one.

    A list in a column holds several right answers, or is one if the answers are lists or JSON values. Raise
    `MetricError` if there is none.
    """
    if path is None:
        golds = example.right_answers
    else:
        value = column(example, path)
        several = isinstance(value, list) and kind not in ("list", "json")
        golds = tuple(as_text(item) for item in value) if several else (as_text(value),)
    if not any(gold.strip() for gold in golds):
        raise MetricError(
            f"example {example.id}: it has no right answer to compare with. Give it one, name the column "
            'that holds it (gold = "COLUMN"), or use a metric that needs none.'
        )
    return golds


def readable(answer: str, kind: AnswerType) -> str:
    """Return a canonical answer as a person would write it: the items of a list on lines of their own."""
    return "\n".join(items_of(answer)) if kind == "list" else answer


def _inside(value: Any, step: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(step)
    if not isinstance(value, list):
        return None
    if step.isdecimal() and len(step) < 10:
        return value[int(step)] if int(step) < len(value) else None
    inner = [item[step] for item in value if isinstance(item, Mapping) and item.get(step) is not None]
    return inner or None
