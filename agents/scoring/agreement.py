"""The agreement of a judge with people who rated the same responses."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atanh, sqrt, tanh
from statistics import fmean, stdev

import numpy as np

from ..messages.scores import Measure
from .intervals import NORMAL_975
from .measures import DIGITS
from .sample_interval import t_quantile


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the ratings of a judge and of people differ, all as shares of the scale in [0, 1].

    Every measure has a 95 % interval if there are enough ratings.
    """

    error: Measure
    """Mean of abs(judge - people)."""
    bias: Measure
    """Mean of judge - people: above 0 if the judge is kinder than people are."""
    correlation: Measure
    """Spearman's rank correlation; None if all ratings of one side are the same."""
    judge: float | None
    """Mean rating of the judge; None without ratings."""
    people: float | None
    """Mean rating of people."""


def agreement(judged: Sequence[float], human: Sequence[float]) -> Agreement:
    """Return the agreement of two ratings of each response, in the same order.

    The intervals of the means are Student's. That of the correlation is Fisher's, with the variance for
    ranks of Bonett & Wright (2000).
    """
    pairs = list(zip(judged, human, strict=True))
    return Agreement(
        error=_mean([abs(one - other) for one, other in pairs]),
        bias=_mean([one - other for one, other in pairs]),
        correlation=_correlation(judged, human),
        judge=round(fmean(judged), DIGITS) if pairs else None,
        people=round(fmean(human), DIGITS) if pairs else None,
    )


def _mean(values: Sequence[float]) -> Measure:
    n = len(values)
    if not n:
        return Measure(value=None, n=0)
    mean = fmean(values)
    if n == 1:
        return Measure(value=round(mean, DIGITS), n=1)
    half = t_quantile(n - 1) * stdev(values) / sqrt(n)
    lowest = 0.0 if min(values) >= 0 else -1.0
    low, high = max(lowest, mean - half), min(1.0, mean + half)
    return Measure(
        value=round(mean, DIGITS), n=n, low=round(min(low, mean), DIGITS), high=round(max(high, mean), DIGITS)
    )


def _correlation(one: Sequence[float], other: Sequence[float]) -> Measure:
    n = len(one)
    if len(set(one)) < 2 or len(set(other)) < 2:
        return Measure(value=None, n=n)
    r = float(np.clip(np.corrcoef(_ranks(one), _ranks(other))[0, 1], -1.0, 1.0))
    if n < 4:
        return Measure(value=round(r, DIGITS), n=n)
    half = NORMAL_975 * sqrt((1 + r**2 / 2) / (n - 3))
    middle = atanh(max(-1 + 1e-9, min(r, 1 - 1e-9)))
    low, high = min(r, tanh(middle - half)), max(r, tanh(middle + half))
    return Measure(value=round(r, DIGITS), n=n, low=round(low, DIGITS), high=round(high, DIGITS))


def _ranks(values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return the rank of each value, from 1; equal values share the mean of their ranks."""
    unique, inverse, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle: np.ndarray[tuple[int], np.dtype[np.float64]] = ends - (counts - 1) / 2
    assert len(unique) == len(middle)
    return middle[inverse]
