"""JSON as text: strict reading, the canonical form, and the bounds that every value keeps."""

import json
from math import isfinite
from typing import Any

DEEPEST = 64
"""Highest number of arrays and objects within each other."""
MOST_VALUES = 20_000
"""Highest number of values in one JSON value."""
LONGEST = 200_000
"""Number of characters above which a text is not read as JSON."""
_MOST_DIGITS = 400


class NotJson(ValueError):
    """A text is not JSON, or its value breaks a bound. The message says why."""


def strict(text: str) -> Any:
    """Return the value of a text that is exactly JSON.

    Raises `NotJson` for any other text, for a key with two values, for NaN and infinite numbers, and for
    values that are too deep or too many.
    """
    if len(text) > LONGEST:
        raise NotJson(f"it has more than {LONGEST:,} characters")
    try:
        value = json.loads(
            text,
            object_pairs_hook=object_of,
            parse_constant=_no_number,
            parse_int=integer,
            parse_float=floating,
        )
    except RecursionError:
        raise NotJson("it is too deep") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    check_bounds(value)
    return value


def canonical(value: Any) -> str:
    """Return the canonical form of a JSON value: compact, with its keys in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def same_json(one: str, other: str) -> bool:
    """Return whether two JSON texts have equal values: numbers by value, and keys in any order."""
    return one == other or _same(json.loads(one), json.loads(other))


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Raise `NotJson` for a key that has two values: either would be a guess."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found and not _same(found[key], value):
            raise NotJson(f"the key {key[:80]!r} has two values")
        found[key] = value
    return found


def integer(digits: str) -> int:
    """Return a whole number. Raise `NotJson` if it has too many digits."""
    if len(digits) > _MOST_DIGITS:
        raise NotJson(f"a number has more than {_MOST_DIGITS} digits")
    return int(digits)


def floating(text: str) -> float:
    """Return a number. Raise `NotJson` if it is too large for a computer's numbers."""
    number = float(text)
    if not isfinite(number):
        raise NotJson(f"the number {text[:80]} is too large")
    return number


def check_bounds(value: Any) -> None:
    """Raise `NotJson` if `value` is too deep, holds too many values, or text that no file can hold."""
    level, count = [value], 0
    for _ in range(DEEPEST):
        count += len(level)
        if count > MOST_VALUES:
            raise NotJson(f"it holds more than {MOST_VALUES:,} values")
        for text in level:
            _check_text(text)
        level = [inner for outer in level for inner in _inner(outer)]
        if not level:
            return
    raise NotJson(f"it has more than {DEEPEST} levels")


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _check_text(value: Any) -> None:
    if isinstance(value, str) and not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotJson("it holds half of a surrogate pair") from None


def _no_number(name: str) -> Any:
    raise NotJson(f"{name} is no JSON number")


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)
