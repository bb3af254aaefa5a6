"""Repeated samples of one judgement: their mean with its interval, and their noise."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

from ..messages.scores import Measure
from .intervals import NORMAL_975
from .measures import DIGITS

_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
"""97.5 % quantiles of Student's t distribution with 1, 2, ... degrees of freedom."""


def t_quantile(degrees: int) -> float:
    """Return the 97.5 % quantile of Student's t with `degrees` >= 1 of freedom, to three digits.

    Beyond the table, use the expansion of Fisher and Cornish in 1 / `degrees` (Abramowitz & Stegun 26.7.5).
    """
    if degrees <= len(_T):
        return _T[degrees - 1]
    z = NORMAL_975
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / degrees + second / degrees**2 + third / degrees**3


def noise(samples: Sequence[float]) -> float | None:
    """Return the standard deviation of `samples`; None for fewer than two."""
    return round(stdev(samples), DIGITS) if len(samples) > 1 else None


def sampled(samples: Sequence[float]) -> Measure:
    """Return the mean of `samples` in [0, 1] with the 95 % interval by Student's t, cut to [0, 1].

    Without samples there is no value, and with one sample no interval. Equal samples have an interval of
    width zero: the judge repeats itself, which does not make it right.
    """
    n = len(samples)
    if not n:
        return Measure(value=None, n=0)
    value = round(fmean(samples), DIGITS)
    if n == 1:
        return Measure(value=value, n=1)
    half = t_quantile(n - 1) * stdev(samples) / sqrt(n)
    low, high = max(0.0, value - half), min(1.0, value + half)
    return Measure(value=value, n=n, low=round(low, DIGITS), high=round(high, DIGITS))
