"""95 % intervals: Wilson's for shares, and percentiles of bootstrap resamples for everything else."""

from functools import lru_cache
from math import sqrt

import numpy as np

from .metrics import Matrix, Vector

RESAMPLES = 500
_Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""

Interval = tuple[float, float]


def wilson(share: float, n: int) -> Interval:
    """The 95 % score interval of a share seen over `n` > 0 examples (Wilson 1927)."""
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def percentiles(draws: Vector) -> Interval | None:
    """The 2.5 % and the 97.5 % point of the draws that are defined; None where none is."""
    known = draws[~np.isnan(draws)]
    if not known.size:
        return None
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def resample(n: int, rows: int, random: np.random.Generator) -> Matrix:
    """How often each of `n` > 0 examples is drawn when n are drawn with replacement, in `rows` rows."""
    drawn = random.integers(0, n, (rows, n)) * rows + np.arange(rows)[:, None]
    # Example by example in memory: the measures sort the examples and add them up.
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(n, rows).astype(np.float64).T


@lru_cache(maxsize=4)
def sample_and_resamples(n: int) -> Matrix:
    """A row of ones (the sample itself) and `RESAMPLES` resamples; they depend on `n` > 0 alone."""
    ones = np.ones((1, n))
    made = np.asfortranarray(np.concatenate([ones, resample(n, RESAMPLES, np.random.default_rng(n))]))
    made.setflags(write=False)
    return made
