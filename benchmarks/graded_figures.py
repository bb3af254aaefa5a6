"""The figures of several runs on graded landscapes."""

from collections.abc import Sequence
from math import comb
from statistics import fmean, stdev
from typing import Any

from graded_run import Doubts, Result

LOSS = 0.05
"""Loss of true value from which a prompt counts as worse."""
ROUNDING = 1e-9
"""Amount by which a prompt that keeps its constraint may seem to miss it."""


def claims(results: Sequence[Result]) -> dict[str, Any]:
    """Return how often an improvement was claimed, and the claimed values beside the true ones.

    Values and gains are means over the runs, in points (hundredths), with their standard errors.
    """
    claimed = sum(result.improved for result in results)
    return {
        "runs": len(results),
        "evaluations": round(fmean(result.evaluations for result in results)),
        "improved": claimed,
        "improved_interval": exact_interval(claimed, len(results)),
        "initial": _points([result.initial for result in results]),
        "best": _points([result.best for result in results]),
        "attainable": _points([result.attainable for result in results]),
        "true_gain": _points([result.gain for result in results]),
        "reported_gain": _points([result.reported_gain for result in results]),
        "reported_minus_true": _points([result.reported - result.best for result in results]),
        "keeps_constraint": sum(result.breach <= ROUNDING for result in results),
        "largest_breach": round(max(result.breach for result in results), 4),
    }


def guard(results: Sequence[Result]) -> dict[str, Any]:
    """Return how often the reported prompt is truly worse than the user's own by more than `LOSS`.

    "recommended" counts those of them that the verdict calls an improvement.
    """
    losses = [result for result in results if result.gain < -LOSS]
    worse = len(losses)
    return {
        "runs": len(results),
        "worse": worse,
        "recommended": sum(result.improved for result in losses),
        "worse_interval": exact_interval(worse, len(results)),
        "true_gain": _points([result.gain for result in results]),
    }


def doubts(found: Sequence[Doubts]) -> dict[str, Any]:
    """Return the precision and the recall of the doubted examples, over all runs together."""
    wrong, doubted, right = (
        sum(getattr(one, name) for one in found) for name in ("wrong", "doubted", "found")
    )
    return {
        "runs": len(found),
        "wrong": wrong,
        "doubted": doubted,
        "precision": round(right / doubted, 4) if doubted else None,
        "recall": round(right / wrong, 4) if wrong else None,
    }


def exact_interval(count: int, n: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share observed as `count` of `n` (Clopper and Pearson 1934)."""
    low = _solved(lambda p: 1 - _at_most(count - 1, n, p), 0.025) if count else 0.0
    high = _solved(lambda p: -_at_most(count, n, p), -0.025) if count < n else 1.0
    return round(low, 4), round(high, 4)


def _at_most(count: int, n: int, p: float) -> float:
    """Return the probability of at most `count` successes among `n`."""
    return sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(count + 1))


def _solved(rising: Any, level: float) -> float:
    """Return the place in [0, 1] at which a rising function reaches `level`."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < level else (low, middle)
    return (low + high) / 2


def _points(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and its standard error, in hundredths."""
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return round(100 * fmean(values), 2), round(100 * error, 2)
