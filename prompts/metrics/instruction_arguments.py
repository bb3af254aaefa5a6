"""Arguments of the instructions of IFEval: read them, and compare counts with what they demand."""

from collections.abc import Mapping
from typing import Any

from ..errors import MetricError

Arguments = Mapping[str, Any]


def number(arguments: Arguments, name: str) -> int:
    """Return a whole number. Raise `MetricError` if there is none."""
    value = arguments.get(name)
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    ):
        raise MetricError(f"its argument {name} is {value!r}, not a whole number")
    return int(value)


def text(arguments: Arguments, name: str) -> str:
    """Return a text. Raise `MetricError` if there is none."""
    value = arguments.get(name)
    if not isinstance(value, str) or not value.strip():
        raise MetricError(f"its argument {name} is {value!r}, not a text")
    return value


def texts(arguments: Arguments, name: str) -> list[str]:
    """Return a list of texts. Raise `MetricError` if there is none."""
    value = arguments.get(name)
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
        raise MetricError(f"its argument {name} is {value!r}, not a list of texts")
    return value


def demand(count: int, arguments: Arguments, relation: str, limit: str, things: str) -> str | None:
    """Return None if a count is as demanded, or else what is demanded and found."""
    wanted = number(arguments, limit)
    how = text(arguments, relation)
    kept = {"at least": count >= wanted, "less than": count < wanted}
    if how not in kept:
        raise MetricError(f'its argument {relation} is {how!r}, not "at least" or "less than"')
    return None if kept[how] else f"it must have {how} {wanted} {things} and has {count}"


def at_least(count: int, wanted: int, things: str) -> str | None:
    """Return None if a count is high enough, or else what is demanded and found."""
    return None if count >= wanted else f"it must have at least {wanted} {things} and has {count}"


def exactly(count: int, wanted: int, things: str) -> str | None:
    """Return None if a count is right, or else what is demanded and found."""
    return None if count == wanted else f"it must have exactly {wanted} {things} and has {count}"
