"""Where two JSON values differ: leaf by leaf, each named by its path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_ABSENT = "(absent)"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place in a message or in the settings, with what stands there on either side."""

    place: str
    first: Any
    second: Any


def differences(one: Any, other: Any) -> tuple[Difference, ...]:
    """Every leaf in which two JSON values differ, in the order of the first and then of the second."""
    mine, theirs = dict(leaves(one)), dict(leaves(other))
    return tuple(
        Difference(place, mine.get(place, _ABSENT), theirs.get(place, _ABSENT))
        for place in {**mine, **theirs}
        if mine.get(place, _ABSENT) != theirs.get(place, _ABSENT)
    )


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every leaf of a JSON value with its path."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{place}[{number}]")
    else:
        yield place, value
