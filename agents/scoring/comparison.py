"""The comparison of two prompts on the same held-out examples: paired, interval, p-value."""

from collections.abc import Mapping, Sequence
from math import comb

import numpy as np

from ..messages import Comparison
from ..messages.scores import Outcome
from . import metrics
from .evaluator import DIGITS, draws
from .intervals import percentiles, resample
from .metrics import Matrix, Vector

RESAMPLES = 2000
_AT_ONCE = 500
"""Resamples held in memory together."""


def compare(
    first: Sequence[Outcome], other: Sequence[Outcome], weights: Mapping[str, float], seed: int
) -> tuple[Comparison, ...]:
    """First minus other, in the composite score and in accuracy, with 95 % bootstrap intervals.

    Examples are drawn with replacement, `RESAMPLES` times, the same for both prompts (a paired
    percentile bootstrap). Both sequences hold the outcomes of the same examples in the same order.
    """
    n, random = len(first), np.random.default_rng(seed)
    parts = (min(_AT_ONCE, RESAMPLES - start) for start in range(0, RESAMPLES, _AT_ONCE))
    rows = [np.ones((1, n)), *(resample(n, part, random) for part in parts)]
    mine, theirs = (_both(outcomes, rows, weights) for outcomes in (first, other))
    return tuple(_comparison(name, mine[name], theirs[name], n) for name in mine)


def mcnemar(first: Sequence[Outcome], other: Sequence[Outcome]) -> float:
    """The exact two-sided p-value that both prompts are equally often right (McNemar's test)."""
    pairs = list(zip(first, other, strict=True))
    gained = sum(f.correct and not o.correct for f, o in pairs)
    lost = sum(o.correct and not f.correct for f, o in pairs)
    n = gained + lost
    tail = sum(comb(n, k) for k in range(min(gained, lost) + 1)) / (1 << n)
    return min(1.0, 2 * tail)


def sentence(
    comparisons: Sequence[Comparison],
    p_value: float,
    against_control: Sequence[Comparison] = (),
    *,
    improved: bool,
) -> str:
    """The verdict in words, with the numbers it rests on, and what a control shows where there was one."""
    composite, accuracy = comparisons
    found = "improvement found" if improved else "no improvement found"
    said = (
        f"{found}: accuracy {accuracy.other:.3f} -> {accuracy.best:.3f} "
        f"({_points(accuracy.difference)} points, 95 % interval {_interval(accuracy)}, p = {p_value:.2g}), "
        f"composite score {composite.other:.3f} -> {composite.best:.3f} ({_interval(composite)}), "
        f"on {composite.n} held-out examples"
    )
    if not against_control:
        return said
    composite, accuracy = against_control
    return (
        f"{said}; against the control accuracy {_points(accuracy.difference)} points "
        f"({_interval(accuracy)}), composite score {_points(composite.difference)} ({_interval(composite)})"
    )


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _interval(comparison: Comparison) -> str:
    return f"{_points(comparison.low)} to {_points(comparison.high)}"


def _both(
    outcomes: Sequence[Outcome], rows: Sequence[Matrix], weights: Mapping[str, float]
) -> dict[str, Vector]:
    """The composite score and the accuracy under every row."""
    parts = [{name: values for name, (values, _) in draws(outcomes, part).items()} for part in rows]
    return {
        "composite": np.concatenate([metrics.composite(part, weights) for part in parts]),
        "accuracy": np.concatenate([part["accuracy"] for part in parts]),
    }


def _comparison(measure: str, mine: Vector, theirs: Vector, n: int) -> Comparison:
    """The first row is the sample itself, the others are the resamples; both are always defined."""
    difference = mine - theirs
    low, high = percentiles(difference[1:]) or (0.0, 0.0)
    return Comparison(
        measure=measure,
        best=round(float(mine[0]), DIGITS),
        other=round(float(theirs[0]), DIGITS),
        difference=round(float(difference[0]), DIGITS),
        low=round(low, DIGITS),
        high=round(high, DIGITS),
        n=n,
    )
