"""Further fields of a server's requests, from a configuration."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any

from ...prompts.secret_values import is_secret_name, looks_like_key

_DEPTH = 16
_GREATEST_INT = 2**63
_OWNED: dict[str, str] = {
    "model": "set `model`",
    "messages": "the roles write them",
    "prompt": "the roles write it",
    "stream": "replies are never streamed",
    "stream_options": "replies are never streamed",
    "n": "each request has one answer",
    "best_of": "each request has one answer",
    "max_tokens": "set max_tokens of the role's own settings",
    "max_completion_tokens": "set max_tokens of the role's own settings",
    "temperature": "set `temperature`",
    "tools": "the roles choose them",
}
"""Fields that a request has already, and the way to set each of them."""


class Params(dict[str, Any]):
    """A table of JSON values that is never changed, so that it can be hashed like other settings."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(json.dumps(self, sort_keys=True))


def to_params(table: Mapping[str, Any]) -> Params:
    """Return checked fields. Raises `ValueError`, which names the field and never quotes its value."""
    for name, value in table.items():
        shown = name[:40] if name.isidentifier() and not looks_like_key(name) else "a field"
        if reason := _OWNED.get(name.strip().lower()):
            raise ValueError(f"params.{shown} belongs to the request: {reason}")
        if is_secret_name(name) or looks_like_key(name) or _holds_key(value, _DEPTH):
            raise ValueError(
                f"params.{shown} may hold a key, and would be stored: put it into the variable that "
                "api_key_env names"
            )
        if not _is_json(value, _DEPTH):
            raise ValueError(
                f"params.{shown} is no JSON value: use texts, numbers, true, false, lists and tables"
            )
    return Params(table)


def _is_json(value: Any, depth: int) -> bool:
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, list):
        return depth > 0 and all(_is_json(item, depth - 1) for item in value)
    if isinstance(value, dict):
        items = value.items()
        return depth > 0 and all(
            isinstance(k, str) and _is_json(k, 0) and _is_json(v, depth - 1) for k, v in items
        )
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < _GREATEST_INT)


def _holds_key(value: Any, depth: int) -> bool:
    """Return True if a text in the value looks like a key, or a table has a field that is named like one."""
    if isinstance(value, str):
        return looks_like_key(value)
    if depth == 0 or not isinstance(value, (list, dict)):
        return False
    if isinstance(value, list):
        return any(_holds_key(item, depth - 1) for item in value)
    return any(is_secret_name(str(name)) or _holds_key(item, depth - 1) for name, item in value.items())
