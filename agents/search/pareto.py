"""The Pareto front: the prompts that no other prompt dominates."""

from collections.abc import Mapping, Sequence
from math import inf

Point = tuple[float, ...]


def front(points: Mapping[str, Mapping[str, float | None]], measures: Sequence[str]) -> list[str]:
    """Return the sorted ids of the `points` that no other point dominates.

    `points` maps id -> measure -> value, and higher is better. A point dominates another one if it is at
    least as high in all of `measures` and higher in one; so of equal points all or none are on the front. A
    measure that is None or missing is lower than any number.
    """
    placed = {id_: _place(values, measures) for id_, values in points.items()}
    return sorted(
        id_ for id_, point in placed.items() if not any(_dominates(p, point) for p in placed.values())
    )


def _place(values: Mapping[str, float | None], measures: Sequence[str]) -> Point:
    return tuple(-inf if (value := values.get(name)) is None else value for name in measures)


def _dominates(one: Point, other: Point) -> bool:
    return one != other and all(mine >= theirs for mine, theirs in zip(one, other, strict=True))
