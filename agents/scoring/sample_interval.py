"""What several samples of one judgement come to: their mean with its interval, and their noise."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean, stdev

from ..messages.scores import Measure
from .evaluator import DIGITS

_T = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281)
"""The 97.5 % points of Student's t distribution with 1, 2, ... degrees of freedom."""
_Z = 1.959963984540054
"""That of the normal distribution."""


def t_quantile(freedom: int) -> float:
    """The 97.5 % point of Student's t with so many degrees of freedom (from 1 on), to three digits.

    Beyond the table by the expansion of Fisher and Cornish in 1 / `freedom` (Abramowitz & Stegun 26.7.5).
    """
    if freedom <= len(_T):
        return _T[freedom - 1]
    first = (_Z**3 + _Z) / 4
    second = (5 * _Z**5 + 16 * _Z**3 + 3 * _Z) / 96
    third = (3 * _Z**7 + 19 * _Z**5 + 17 * _Z**3 - 15 * _Z) / 384
    return _Z + first / freedom + second / freedom**2 + third / freedom**3


def noise(samples: Sequence[float]) -> float | None:
    """The standard deviation of `samples`; None of fewer than two."""
    return round(stdev(samples), DIGITS) if len(samples) > 1 else None


def sampled(samples: Sequence[float]) -> Measure:
    """The mean of `samples` in [0, 1] with the 95 % interval by Student's t, cut to [0, 1].

    Without a sample there is no value, and of one sample no interval. Equal samples have an interval of no
    width: the judge repeats itself, which does not make it right.
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
