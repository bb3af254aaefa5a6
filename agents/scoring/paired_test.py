"""Tests of whether two prompts do equally well, on the differences of their values on the same examples.

The hypothesis is that it was a matter of chance which prompt got which of the two values of an example. Under
it the signs of the differences are coin tosses, whatever their sizes (Fisher 1935), so the test needs neither
a distribution nor a large sample. If all differences have one size, as those of right and wrong answers do,
this is McNemar's exact test.
"""

from collections.abc import Sequence
from math import gcd
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..messages.scores import Outcome
from .metrics import Vector

TestName = Literal["exact McNemar test", "paired permutation test"]
_UNITS = 1000
"""Units of a difference of 1. Rounding to them treats both signs alike, so the test stays exact."""
_EXACT = 20_000_000
"""Number of additions up to which all combinations of signs are counted. Beyond it they are sampled."""
_SAMPLES = 9_999
_ROUNDING = 1e-9


def differences(first: Sequence[Outcome], other: Sequence[Outcome]) -> list[float]:
    """Return first minus other in the main metric, example by example, each in [-1, 1].

    The examples must be the same in the same order. If they differ in weight, each difference is multiplied
    by its share of the greatest weight.
    """
    heaviest = max((outcome.weight for outcome in first), default=1.0) or 1.0
    return [(f.value - o.value) * f.weight / heaviest for f, o in zip(first, other, strict=True)]


def name_of_test(found: Sequence[float]) -> TestName:
    """Return the name of the test of these differences."""
    return "exact McNemar test" if set(np.abs(found)) <= {0.0, 1.0} else "paired permutation test"


def p_different(found: Sequence[float], seed: int) -> float:
    """Return the two-sided p-value of the differences `found`."""
    return min(1.0, 2 * min(p_worse(found, seed), p_worse([-d for d in found], seed)))


def p_worse(found: Sequence[float], seed: int) -> float:
    """Return the one-sided p-value of the differences `found`: small if they lie below zero.

    It is exact, but for a great number of differences of many sizes: then it is that of `_SAMPLES` random
    combinations of signs, (1 + those as low as the one found) / (1 + all), which is a valid p-value, too.
    """
    sizes = np.rint(np.asarray(found, dtype=np.float64) * _UNITS).astype(np.int64)
    sizes = sizes[sizes != 0]
    if not sizes.size:
        return 1.0
    sizes //= gcd(*np.abs(sizes).tolist())
    if sizes.size * int(np.abs(sizes).sum()) > _EXACT:
        return _sampled(np.asarray(found, dtype=np.float64), seed)
    return _counted(np.abs(sizes), int(sizes.sum()))


def _counted(sizes: NDArray[np.int64], total: int) -> float:
    """Return the share of all combinations of signs of the `sizes` whose sum is at most `total`."""
    # Each place of the vector is the probability of one number of units with a positive sign.
    chances = np.zeros(int(sizes.sum()) + 1)
    chances[0], reached = 1.0, 0
    for size in map(int, np.sort(sizes)):
        reached += size
        chances[: reached + 1] /= 2
        chances[size : reached + 1] += chances[: reached + 1 - size].copy()
    # A sum of signed sizes is twice the positive ones less all.
    return float(min(1.0, chances[: (total + chances.size - 1) // 2 + 1].sum()))


def _sampled(found: Vector, seed: int) -> float:
    random = np.random.default_rng(seed)
    lower, left = 0, _SAMPLES
    while left:
        rows = min(left, max(1, 2_000_000 // found.size))
        signs = random.integers(0, 2, (rows, found.size), dtype=np.int8) * 2 - 1
        lower += int((signs @ found <= found.sum() + _ROUNDING).sum())
        left -= rows
    return (1 + lower) / (1 + _SAMPLES)
