"""The final comparison of two prompts on the same held-out examples: paired, interval, p-value."""

from collections.abc import Callable, Mapping, Sequence
from math import comb

import numpy as np

from .evaluator import evaluate
from .messages import Comparison
from .scores import Outcome

RESAMPLES = 2000


def compare(
    best: Sequence[Outcome], initial: Sequence[Outcome], weights: Mapping[str, float], seed: int
) -> tuple[Comparison, ...]:
    """Best minus initial, in the composite score and in accuracy, with 95 % bootstrap intervals.

    Examples are drawn with replacement, `RESAMPLES` times, the same for both prompts (a paired
    percentile bootstrap). Both sequences hold the outcomes of the same examples in the same order.
    """
    rows = np.random.default_rng(seed).integers(0, len(best), (RESAMPLES, len(best)))

    def composite(outcomes: Sequence[Outcome]) -> float:
        return float(evaluate(outcomes, weights).composite)

    def accuracy(outcomes: Sequence[Outcome]) -> float:
        return float(np.mean([o.correct for o in outcomes]))

    return (
        _comparison("composite", composite, best, initial, rows),
        _comparison("accuracy", accuracy, best, initial, rows),
    )


def mcnemar(best: Sequence[Outcome], initial: Sequence[Outcome]) -> float:
    """The exact two-sided p-value that both prompts are equally often right (McNemar's test)."""
    pairs = list(zip(best, initial, strict=True))
    gained = sum(b.correct and not i.correct for b, i in pairs)
    lost = sum(i.correct and not b.correct for b, i in pairs)
    n = gained + lost
    tail = sum(comb(n, k) for k in range(min(gained, lost) + 1)) / (1 << n)
    return min(1.0, 2 * tail)


def sentence(comparisons: Sequence[Comparison], p_value: float, *, improved: bool) -> str:
    """The verdict in words, with the numbers it rests on."""
    composite, accuracy = comparisons
    points = "{:+.1f}".format
    found = "improvement found" if improved else "no improvement found"
    return (
        f"{found}: accuracy {accuracy.initial:.3f} -> {accuracy.best:.3f} "
        f"({points(100 * accuracy.difference)} points, 95 % interval {points(100 * accuracy.low)} to "
        f"{points(100 * accuracy.high)}, p = {p_value:.2g}), composite score {composite.initial:.3f} -> "
        f"{composite.best:.3f} ({points(100 * composite.low)} to {points(100 * composite.high)}), "
        f"on {composite.n} held-out examples"
    )


def _comparison(
    measure: str,
    statistic: Callable[[Sequence[Outcome]], float],
    best: Sequence[Outcome],
    initial: Sequence[Outcome],
    rows: np.ndarray[tuple[int, int], np.dtype[np.int64]],
) -> Comparison:
    drawn = [
        statistic([best[i] for i in row]) - statistic([initial[i] for i in row]) for row in rows.tolist()
    ]
    low, high = np.quantile(drawn, (0.025, 0.975))
    mine, theirs = statistic(best), statistic(initial)
    return Comparison(
        measure=measure,
        best=mine,
        initial=theirs,
        difference=mine - theirs,
        low=float(low),
        high=float(high),
        n=len(best),
    )
