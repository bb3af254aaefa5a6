"""Paired comparison of two prompts on the same held-out examples: differences with intervals."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..messages import Comparison
from ..messages.scores import Outcome
from . import metrics
from .intervals import percentiles, resample
from .measures import DIGITS, main_metric, measure_rows
from .metrics import Matrix, Vector
from .objective import COMPOSITE_TITLE, MAIN, is_composite

RESAMPLES = 2000
"""Number of bootstrap resamples of a comparison."""
_CHUNK = 500
"""Number of resamples that are in memory together."""


def compare(
    first: Sequence[Outcome],
    other: Sequence[Outcome],
    weights: Mapping[str, float],
    seed: int,
    title: str = "accuracy",
) -> tuple[Comparison, ...]:
    """Return first minus other in the main metric, called `title`, with the 95 % bootstrap interval.

    If the `weights` of the objective are those of a composite score, its comparison follows. Both sequences
    must hold the outcomes of the same examples in the same order. The interval is that of a paired percentile
    bootstrap: `RESAMPLES` times, examples are drawn with replacement, the same for both prompts.
    """
    n, random = len(first), np.random.default_rng(seed)
    parts = (min(_CHUNK, RESAMPLES - start) for start in range(0, RESAMPLES, _CHUNK))
    rows = [np.ones((1, n)), *(resample(n, part, random) for part in parts)]
    found = [_comparison(MAIN, title, _main(first, rows), _main(other, rows), n)]
    if is_composite(weights):
        best, others = _composite(first, rows, weights), _composite(other, rows, weights)
        found.append(_comparison("composite", COMPOSITE_TITLE, best, others, n))
    return tuple(found)


def _main(outcomes: Sequence[Outcome], rows: Sequence[Matrix]) -> Vector:
    """Return the main metric under each row of counts."""
    return np.concatenate([main_metric(outcomes, part) for part in rows])


def _composite(outcomes: Sequence[Outcome], rows: Sequence[Matrix], weights: Mapping[str, float]) -> Vector:
    """Return the composite score under each row of counts."""
    parts = [{name: values for name, (values, _) in measure_rows(outcomes, part).items()} for part in rows]
    return np.concatenate([metrics.composite(part, weights) for part in parts])


def _comparison(measure: str, title: str, best: Vector, other: Vector, n: int) -> Comparison:
    """Compare two vectors of values: the first is the sample's, the others are those of the resamples."""
    difference = best - other
    low, high = percentiles(difference[1:]) or (0.0, 0.0)
    return Comparison(
        measure=measure,
        title=title,
        best=round(float(best[0]), DIGITS),
        other=round(float(other[0]), DIGITS),
        difference=round(float(difference[0]), DIGITS),
        low=round(low, DIGITS),
        high=round(high, DIGITS),
        n=n,
    )
