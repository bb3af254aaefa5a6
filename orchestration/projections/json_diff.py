"""Differences of two JSON values, leaf by leaf, each named by its path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One path of a message or of the settings, with both values."""

    place: str
    first: Any
    second: Any


def differences(one: Any, other: Any) -> tuple[Difference, ...]:
    """Return every leaf in which the values differ, in the order of the first and then of the second."""
    first, second = dict(leaves(one)), dict(leaves(other))
    return tuple(
        Difference(place, first.get(place, _ABSENT), second.get(place, _ABSENT))
        for place in {**first, **second}
        if first.get(place, _ABSENT) != second.get(place, _ABSENT)
    )


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every leaf of a JSON value with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{place}[{number}]")
    else:
        yield place, value
