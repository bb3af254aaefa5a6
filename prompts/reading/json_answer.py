"""Answers of type "json": one JSON value, which fits the schema of the task if there is one."""

from typing import Any

from ..task import AnswerFormat, Example
from .json_scan import found_in, tolerant
from .json_schema import fits, misfit
from .json_text import NotJson, canonical, strict
from .text import without_fence

_MOST = 100
"""Highest number of values, the last of a reply, that are looked at."""


def read_json(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the canonical form of a text that is one JSON value; None if it is none or breaks the schema.

    A code fence around it and the small faults that `json_scan` tolerates do not matter.
    """
    try:
        value = tolerant(without_fence(text).strip())
    except NotJson:
        return None
    return canonical(value) if _fits(value, form) else None


def find_json(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the canonical form of the JSON value that a reply gives; None if it gives none.

    The reply may be the value alone, also in a code fence. Otherwise the last object or array counts that
    fits the schema. Without a schema, a list of numbers such as the reference [1] gives way to other values.
    A value that has no end is a cut-off answer: then nothing before it is the answer.
    """
    if (whole := read_json(text, form, example)) is not None:
        return whole
    values = [found.value for found in found_in(text)[-_MOST:] if _fits(found.value, form)]
    if form.json_schema is None:
        values = [value for value in values if not _is_reference(value)] or values
    return canonical(values[-1]) if values else None


def is_bare_json(text: str, form: AnswerFormat) -> bool:
    """Return whether a text is exactly one JSON value, without a fence or a fault, and fits the schema."""
    try:
        return _fits(strict(text), form)
    except NotJson:
        return False


def json_fault(text: str, form: AnswerFormat) -> str | None:
    """Return in words why a right answer is no JSON value that fits the schema; None if it is one."""
    try:
        value = tolerant(text.strip())
    except NotJson as fault:
        return f"is not JSON: {fault}"
    if form.json_schema is None:
        return None
    reason = misfit(form.json_schema, value)
    return None if reason is None else f"does not fit the schema: {reason}"


def _fits(value: Any, form: AnswerFormat) -> bool:
    return form.json_schema is None or fits(form.json_schema, value)


def _is_reference(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, int | float) for item in value)
