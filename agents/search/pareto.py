"""The Pareto front: prompts that no other beats in one measure without losing in another."""

from collections.abc import Mapping, Sequence
from math import inf

Point = tuple[float, ...]


def front(points: Mapping[str, Mapping[str, float | None]], measures: Sequence[str]) -> list[str]:
    """The ids of `points` (id -> measure -> value, higher is better) that no other point dominates, sorted.

    One point dominates another that it equals or exceeds in all of `measures` and exceeds in one; equal
    points share their fate. A measure that is undefined or missing is worse than any number.
    """
    placed = {id_: _place(values, measures) for id_, values in points.items()}
    return sorted(
        id_ for id_, point in placed.items() if not any(_dominates(p, point) for p in placed.values())
    )


def _place(values: Mapping[str, float | None], measures: Sequence[str]) -> Point:
    return tuple(-inf if (value := values.get(name)) is None else value for name in measures)


def _dominates(one: Point, other: Point) -> bool:
    return one != other and all(mine >= theirs for mine, theirs in zip(one, other, strict=True))
