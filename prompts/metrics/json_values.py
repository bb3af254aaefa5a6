"""JSON values in answers: read them within limits, and bring equal ones into one form."""

import json
from typing import Any

import orjson

from ..reading.wording import folded

_DEEPEST = 64
"""Levels of nesting above which a text is not taken for an answer."""


def json_value(text: str) -> Any:
    """Return the JSON value that `text` is. Raise `ValueError` if it is none, or nested too deeply.

    NaN and infinity are no JSON values.
    """
    value = orjson.loads(text)
    level = [value]
    for _ in range(_DEEPEST):
        level = [inner for outer in level for inner in _inner(outer)]
        if not level:
            return value
    raise ValueError(f"the value has more than {_DEEPEST} levels of nesting")


def items_of(answer: str) -> list[str]:
    """Return the items of a canonical list as texts; a text that is no list is the only item."""
    try:
        value = json_value(answer)
    except ValueError:
        return [answer]
    return [as_text(item) for item in value] if isinstance(value, list) else [answer]


def as_text(value: Any) -> str:
    """Return a string as it is, and any other JSON value as JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def key_of(value: Any) -> str:
    """Return a text that two JSON values share if they have the same words or the same value."""
    if isinstance(value, str):
        return folded(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _inner(value: Any) -> Any:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
