"""All measures of a set of outcomes, for the sample and for each of its resamples.

Every function here takes a matrix `counts`, whose rows say how often each outcome counts (see `metrics`),
and returns one value per row for each measure.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..messages.scores import Outcome
from . import metrics
from .metrics import Matrix, Vector
from .objective import MAIN

PROMPT_SCALE, ANSWER_SCALE = 1000.0, 100.0
"""Tokens per example at which the brevity of a prompt, or of an answer, is one half."""
LIKELIHOODS = tuple(f"{name}_likelihood" for name in ("ece", "auroc", "pr_p", "pr_n", "brier"))
"""Calibration measures of the options' likelihoods, taken when the confidence is a stated one."""
DIGITS = 9
"""Decimal digits that are kept. Further digits are rounding noise and differ between machines."""

MeasureRows = dict[str, tuple[Vector, int]]
"""Name of a measure -> its value under each row of counts, and the number of outcomes it rests on."""


@dataclass(frozen=True, slots=True)
class TokenUse:
    """Tokens of each example, in the order of the outcomes, and the prices per million tokens if known."""

    prompt: Sequence[int]
    answer: Sequence[int]
    prompt_price: float | None = None
    answer_price: float | None = None


def measure_rows(outcomes: Sequence[Outcome], counts: Matrix, tokens: TokenUse | None = None) -> MeasureRows:
    """Return every measure of `outcomes` under each row of `counts`.

    An unreadable answer counts as wrong, and is left out of `accuracy_parsed`. The instruction-following rate
    `ifr` rests on the outcomes for which a format was demanded, the calibration measures on those with a
    confidence, a further metric on those that have it. Brevity and cost need `tokens`, and are those of the
    data as they are: only they and `cut` disregard the weights of the examples.
    """
    weighed = _weighed(outcomes, counts)
    right = _vector([o.correct for o in outcomes])
    parsed = np.array([o.answer is not None for o in outcomes], dtype=bool)
    demanded = np.array([o.followed is not None for o in outcomes], dtype=bool)
    followed = _vector([o.followed for o in outcomes if o.followed is not None])
    parsed_accuracy = metrics.accuracy(right[parsed], _columns(weighed, parsed))
    cut = _vector([o.cut for o in outcomes])
    rows: MeasureRows = {
        MAIN: (main_metric(outcomes, counts), right.size),
        "accuracy": (metrics.accuracy(right, weighed), right.size),
        "accuracy_parsed": (parsed_accuracy, int(parsed.sum())),
        "ifr": (metrics.mean(followed, _columns(weighed, demanded)), followed.size),
        "cut": (metrics.mean(cut, counts), cut.size),
    }
    rows |= _calibration_rows(right, [o.confidence for o in outcomes], weighed)
    used = _economy(tokens, counts) if tokens else {}
    rows |= {name: (values, right.size) for name, values in used.items()}
    further = _further_rows(outcomes, weighed)
    return rows | {name: row for name, row in further.items() if name not in rows}


def main_metric(outcomes: Sequence[Outcome], counts: Matrix) -> Vector:
    """Return the mean of the main metric under each row of `counts`; examples count with their weights."""
    return metrics.mean(_vector([o.value for o in outcomes]), _weighed(outcomes, counts))


def unequal(outcomes: Sequence[Outcome]) -> bool:
    """Return whether the examples differ in weight."""
    return len({outcome.weight for outcome in outcomes}) > 1


def likelihood_rows(outcomes: Sequence[Outcome], counts: Matrix) -> MeasureRows:
    """Return the measures `LIKELIHOODS`, over the outcomes whose answer has a known likelihood."""
    right = _vector([o.correct for o in outcomes])
    rows = _calibration_rows(right, [o.likelihood for o in outcomes], _weighed(outcomes, counts))
    named = {f"{name}_likelihood": row for name, row in rows.items()}
    return {name: row for name, row in named.items() if name in LIKELIHOODS}


def _further_rows(outcomes: Sequence[Outcome], counts: Matrix) -> MeasureRows:
    """Return each further metric by its name, over the outcomes that have it."""
    rows: MeasureRows = {}
    for name in sorted({name for outcome in outcomes for name in outcome.metrics}):
        known = np.array([name in o.metrics for o in outcomes], dtype=bool)
        values = _vector([o.metrics[name] for o in outcomes if name in o.metrics])
        rows[name] = metrics.mean(values, _columns(counts, known)), values.size
    return rows


def _calibration_rows(right: Vector, confidences: Sequence[float | None], counts: Matrix) -> MeasureRows:
    """Return the calibration measures over the examples that have a confidence."""
    known = np.array([confidence is not None for confidence in confidences], dtype=bool)
    confidence = _vector([confidence for confidence in confidences if confidence is not None])
    values = _calibration(right[known], confidence, _columns(counts, known))
    return {name: (row, confidence.size) for name, row in values.items()}


def _calibration(right: Vector, confidence: Vector, counts: Matrix) -> dict[str, Vector]:
    ece = metrics.expected_calibration_error(right, confidence, counts)
    return {
        "one_minus_ece": 1 - ece,
        "ece": ece,
        "auroc": metrics.auroc(right, confidence, counts),
        "pr_p": metrics.pr_p(right, confidence, counts),
        "pr_n": metrics.pr_n(right, confidence, counts),
        "brier": metrics.brier(right, confidence, counts),
    }


def _economy(tokens: TokenUse, counts: Matrix) -> dict[str, Vector]:
    prompt = metrics.mean(_vector(tokens.prompt), counts)
    answer = metrics.mean(_vector(tokens.answer), counts)
    values = {
        "brevity_prompt": 1 / (1 + prompt / PROMPT_SCALE),
        "brevity_answer": 1 / (1 + answer / ANSWER_SCALE),
    }
    if tokens.prompt_price is not None and tokens.answer_price is not None:
        values["cost"] = (prompt * tokens.prompt_price + answer * tokens.answer_price) / 1000
    return values


def _weighed(outcomes: Sequence[Outcome], counts: Matrix) -> Matrix:
    """Return `counts` with each example counted by its weight."""
    return counts * _vector([o.weight for o in outcomes]) if unequal(outcomes) else counts


def _columns(counts: Matrix, chosen: NDArray[np.bool_]) -> Matrix:
    return counts if chosen.all() else counts.T[chosen].T


def _vector(values: Sequence[float]) -> Vector:
    return np.asarray(values, dtype=np.float64)
