"""95 % intervals: Wilson's for shares, and bootstrap percentiles for all other measures."""

from functools import lru_cache
from math import sqrt

import numpy as np

from .metrics import Matrix, Vector

RESAMPLES = 500
"""Number of bootstrap resamples of a score."""
NORMAL_975 = 1.959963984540054
"""97.5 % quantile of the normal distribution."""

Interval = tuple[float, float]
"""Lower and upper end."""


def wilson(share: float, n: int) -> Interval:
    """Return the 95 % score interval of a share observed over `n` > 0 examples (Wilson 1927)."""
    z = NORMAL_975
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def percentiles(draws: Vector) -> Interval | None:
    """Return the 2.5 % and 97.5 % quantiles of the defined draws; None if no draw is defined."""
    known = draws[~np.isnan(draws)]
    if not known.size:
        return None
    known.sort()
    return _quantile(known, 0.025), _quantile(known, 0.975)


def _quantile(ordered: Vector, share: float) -> float:
    """Return the same bits as `numpy.quantile`, which takes ten times as long for so few numbers."""
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    rest = place - below
    return high - (high - low) * (1 - rest) if rest >= 0.5 else low + (high - low) * rest


def resample(n: int, rows: int, random: np.random.Generator) -> Matrix:
    """Return `rows` bootstrap resamples: how often each of `n` > 0 examples is drawn, with replacement.

    Shape `rows` x `n`; each row adds up to `n`.
    """
    drawn = random.integers(0, n, (rows, n)) * rows + np.arange(rows)[:, None]
    # Contiguous for each example, because the measures sort the examples and add them up.
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(n, rows).astype(np.float64).T


@lru_cache(maxsize=4)
def sample_and_resamples(n: int) -> Matrix:
    """Return a row of ones (the sample itself) and `RESAMPLES` resamples, which depend on `n` > 0 alone."""
    ones = np.ones((1, n))
    counts = np.asfortranarray(np.concatenate([ones, resample(n, RESAMPLES, np.random.default_rng(n))]))
    counts.setflags(write=False)
    return counts
