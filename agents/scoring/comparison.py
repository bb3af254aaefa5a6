"""Paired comparison of two prompts on the same held-out examples: difference, interval and p-value."""

from collections.abc import Mapping, Sequence
from math import comb

import numpy as np

from ..messages import Comparison
from ..messages.scores import Outcome
from . import metrics
from .intervals import percentiles, resample
from .measures import DIGITS, measure_rows
from .metrics import Matrix, Vector

RESAMPLES = 2000
"""Number of bootstrap resamples of a comparison."""
_CHUNK = 500
"""Number of resamples that are in memory together."""


def compare(
    first: Sequence[Outcome], other: Sequence[Outcome], weights: Mapping[str, float], seed: int
) -> tuple[Comparison, ...]:
    """Return first minus other, in composite score and in accuracy, with 95 % bootstrap intervals.

    Both sequences must hold the outcomes of the same examples in the same order. The interval is that of a
    paired percentile bootstrap: `RESAMPLES` times, examples are drawn with replacement, the same for both
    prompts.
    """
    n, random = len(first), np.random.default_rng(seed)
    parts = (min(_CHUNK, RESAMPLES - start) for start in range(0, RESAMPLES, _CHUNK))
    rows = [np.ones((1, n)), *(resample(n, part, random) for part in parts)]
    ours, others = (_values(outcomes, rows, weights) for outcomes in (first, other))
    return tuple(_comparison(name, ours[name], others[name], n) for name in ours)


def mcnemar(first: Sequence[Outcome], other: Sequence[Outcome]) -> float:
    """Return the exact two-sided p-value of McNemar's test that both prompts are right equally often.

    Raises `ValueError` if the sequences differ in length.
    """
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
    """Return the verdict as a sentence with its numbers, and those of the comparison with a control."""
    composite, accuracy = comparisons
    found = "improvement found" if improved else "no improvement found"
    verdict = (
        f"{found}: accuracy {accuracy.other:.3f} -> {accuracy.best:.3f} "
        f"({_points(accuracy.difference)} points, 95 % interval {_interval(accuracy)}, p = {p_value:.2g}), "
        f"composite score {composite.other:.3f} -> {composite.best:.3f} ({_interval(composite)}), "
        f"on {composite.n} held-out examples"
    )
    if not against_control:
        return verdict
    composite, accuracy = against_control
    return (
        f"{verdict}; against the control accuracy {_points(accuracy.difference)} points "
        f"({_interval(accuracy)}), composite score {_points(composite.difference)} ({_interval(composite)})"
    )


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _interval(comparison: Comparison) -> str:
    return f"{_points(comparison.low)} to {_points(comparison.high)}"


def _values(
    outcomes: Sequence[Outcome], rows: Sequence[Matrix], weights: Mapping[str, float]
) -> dict[str, Vector]:
    """Return the composite score and the accuracy under each row of counts."""
    parts = [{name: values for name, (values, _) in measure_rows(outcomes, part).items()} for part in rows]
    return {
        "composite": np.concatenate([metrics.composite(part, weights) for part in parts]),
        "accuracy": np.concatenate([part["accuracy"] for part in parts]),
    }


def _comparison(measure: str, best: Vector, other: Vector, n: int) -> Comparison:
    """Compare two vectors of values: the first is the sample's, the others are those of the resamples."""
    difference = best - other
    low, high = percentiles(difference[1:]) or (0.0, 0.0)
    return Comparison(
        measure=measure,
        best=round(float(best[0]), DIGITS),
        other=round(float(other[0]), DIGITS),
        difference=round(float(difference[0]), DIGITS),
        low=round(low, DIGITS),
        high=round(high, DIGITS),
        n=n,
    )
