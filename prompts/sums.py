"""Sums that are the same to the last bit on every version of Python."""

from collections.abc import Iterable


def summed(values: Iterable[float]) -> float:
    """Return the sum of the values, added from left to right.

    From Python 3.12 on, `sum` compensates for rounding. A decision that rests on it could then fall otherwise
    than in the log of a run that another version of Python made, which could not be played again.
    """
    total = 0.0
    for value in values:
        total += value
    return total
