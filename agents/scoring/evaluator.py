"""The objective prompts evaluator: from the outcomes of examples to the score vector of a prompt."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..messages.scores import Measure, Outcome, Score
from . import metrics
from .intervals import percentiles, sample_and_resamples, wilson
from .measures import DIGITS, LIKELIHOODS, TokenUse, likelihood_rows, measure_rows, unequal
from .metrics import Vector
from .objective import MAIN

_SHARES = frozenset({"accuracy", "accuracy_parsed", "ifr", "cut"})
"""Measures that are shares of examples, whose interval is Wilson's if all examples weigh the same."""


def evaluate(
    outcomes: Sequence[Outcome],
    weights: Mapping[str, float],
    *,
    tokens: TokenUse | None = None,
    likelihood: bool = False,
    intervals: bool = True,
) -> Score:
    """Return the score vector over `outcomes`; `weights` (see `objective_weights`) make the composite.

    The measure `metric` is the mean of the main metric, and each further metric is a measure by its name. An
    example counts with its weight. An unreadable answer counts as wrong. The calibration measures rest on the
    outcomes that have a confidence, the instruction-following rate on those for which a format was demanded,
    and `cut` is the share of replies that ended at their token limit. All measures but `cost` lie in [0, 1];
    lower is better for `ece`, `brier`, `cut` and `cost`.

    With `tokens` there are also `brevity_prompt` and `brevity_answer`, 1 / (1 + mean tokens / scale), and
    with prices `cost`, the price of 1000 examples. With `likelihood` the calibration measures are taken a
    second time, as `LIKELIHOODS`, over the outcomes whose answer has a known likelihood; they are no part of
    the composite.
    """
    size = len(outcomes)
    counts = sample_and_resamples(size) if intervals and size else np.ones((1, size))
    rows = measure_rows(outcomes, counts, tokens)
    if likelihood:
        rows |= likelihood_rows(outcomes, counts)
    shares = _shares(outcomes)
    measures = {name: _measure(values, n, share=name in shares) for name, (values, n) in rows.items()}
    composite = metrics.composite({name: values[:1] for name, (values, _) in rows.items()}, weights)
    return Score(composite=round(float(composite[0]), DIGITS), measures=measures)


def rescored(score: Score, outcomes: Sequence[Outcome], weights: Mapping[str, float]) -> Score:
    """Return the score over `outcomes`, a part of those that `score` rests on; brevity and cost stay."""
    new = evaluate(outcomes, weights, likelihood=not score.measures.keys().isdisjoint(LIKELIHOODS))
    measures = {**score.measures, **new.measures}
    values = {
        name: np.array([np.nan if measure.value is None else measure.value])
        for name, measure in measures.items()
    }
    return Score(composite=round(float(metrics.composite(values, weights)[0]), DIGITS), measures=measures)


def _shares(outcomes: Sequence[Outcome]) -> frozenset[str]:
    """Return the measures that are shares of examples: the main metric too if it is right or wrong only."""
    if unequal(outcomes):
        return frozenset()
    return _SHARES | {MAIN} if all(o.value in (0, 1) for o in outcomes) else _SHARES


def _measure(values: Vector, n: int, *, share: bool) -> Measure:
    """Return a measure from its rows: the first is the sample, the others are the resamples."""
    value = float(values[0])
    if np.isnan(value):
        return Measure(value=None, n=n)
    if len(values) == 1:
        return Measure(value=round(value, DIGITS), n=n)
    # Resamples repeat examples, which raises a calibration error: the sample's own may lie below them all.
    low, high = wilson(value, n) if share else percentiles(values[1:]) or (value, value)
    low, high = min(low, value), max(high, value)
    return Measure(value=round(value, DIGITS), n=n, low=round(low, DIGITS), high=round(high, DIGITS))
