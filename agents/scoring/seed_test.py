"""Paired comparison of two arms over the seeds of an experiment: Student's t, and Holm's correction.

The seeds are the units, because the examples of one run share its search. With as few seeds as studies have,
a test that counts signs could not fall below 2 / 2^n, so the differences are taken as normal (Student 1908).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan, cos, pi, sin, sqrt
from statistics import fmean, stdev

from .sample_interval import t_quantile

_EQUAL = 1e-12
"""Standard deviation below which all differences are the same."""


@dataclass(frozen=True, slots=True)
class SeedTest:
    """Mean of paired differences, one for each seed, with its 95 % interval and its test."""

    seeds: int
    mean: float
    low: float | None
    """None with one seed, or if all differences are the same, which says nothing about their spread."""
    high: float | None
    p_value: float | None
    """Two-sided p-value of a mean of zero; None with one seed."""


def compare_seeds(differences: Sequence[float]) -> SeedTest:
    """Return the test of `differences`, of which there must be one at least."""
    n, mean = len(differences), fmean(differences)
    if n == 1:
        return SeedTest(1, mean, None, None, None)
    error = stdev(differences) / sqrt(n)
    if error < _EQUAL:
        # Student's statistic is infinite. What is left is that all signs agree.
        return SeedTest(n, mean, None, None, 1.0 if abs(mean) < _EQUAL else 2 / 2**n)
    half = t_quantile(n - 1) * error
    return SeedTest(n, mean, mean - half, mean + half, p_of_t(mean / error, n - 1))


def p_of_t(t: float, degrees: int) -> float:
    """Return the two-sided p-value of Student's t with `degrees` >= 1 of freedom.

    The sums are finite and exact (Abramowitz & Stegun 26.7.3 and 26.7.4).
    """
    angle = atan(abs(t) / sqrt(degrees))
    square, odd = cos(angle) ** 2, degrees % 2
    term, total = 1.0, 1.0
    for k in range(2 + odd, degrees - 1, 2):
        term *= (k - 1) / k * square
        total += term
    if not odd:
        inside = sin(angle) * total
    elif degrees == 1:
        inside = 2 * angle / pi
    else:
        inside = 2 / pi * (angle + sin(angle) * cos(angle) * total)
    return min(1.0, max(0.0, 1 - inside))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p-values of several tests, corrected so that one false finding is as rare as the level says.

    Holm's step-down method (1979), which needs no independence.
    """
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda at: p_values[at])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = highest
    return corrected
