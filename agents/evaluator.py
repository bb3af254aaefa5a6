"""The objective prompts evaluator: from the outcomes of examples to the score vector of a prompt."""

from collections.abc import Mapping, Sequence

import numpy as np

from . import metrics
from .metrics import Vector
from .scores import Measure, Outcome, Score

DEFAULT_WEIGHTS: Mapping[str, float] = {
    "accuracy": 0.5,
    "ifr": 0.2,
    "one_minus_ece": 0.1,
    "auroc": 0.1,
    "pr_p": 0.1,
    # By chance alone PR-N equals the error rate: a weight here would pay for being wrong.
    "pr_n": 0.0,
}
"""The paper does not publish its weights; these are this project's choice."""


def evaluate(outcomes: Sequence[Outcome], weights: Mapping[str, float]) -> Score:
    """The score vector over `outcomes`; `weights` (see `DEFAULT_WEIGHTS`) make the composite.

    An unreadable answer counts as wrong. The calibration measures rest on the outcomes that have a
    confidence, the instruction-following rate on those of which a format was demanded.
    """
    right = _vector([o.correct for o in outcomes])
    parsed = _vector([o.correct for o in outcomes if o.answer is not None])
    followed = _vector([o.followed for o in outcomes if o.followed is not None])
    sure = [(o.correct, o.confidence) for o in outcomes if o.confidence is not None]
    sure_right, confidence = _vector([r for r, _ in sure]), _vector([c for _, c in sure])
    ece = metrics.expected_calibration_error(sure_right, confidence)
    measures = {
        "accuracy": Measure(value=metrics.accuracy(right), n=right.size),
        "accuracy_parsed": Measure(value=metrics.accuracy(parsed), n=parsed.size),
        "ifr": Measure(value=metrics.accuracy(followed), n=followed.size),
        "one_minus_ece": _measure(None if ece is None else 1 - ece, confidence),
        "auroc": _measure(metrics.auroc(sure_right, confidence), confidence),
        "pr_p": _measure(metrics.pr_p(sure_right, confidence), confidence),
        "pr_n": _measure(metrics.pr_n(sure_right, confidence), confidence),
        "brier": _measure(metrics.brier(sure_right, confidence), confidence),
    }
    values = {name: measure.value for name, measure in measures.items()}
    return Score(composite=metrics.composite(values, weights), measures=measures)


def _measure(value: float | None, over: Vector) -> Measure:
    return Measure(value=value, n=over.size)


def _vector(values: Sequence[float]) -> Vector:
    return np.asarray(values, dtype=np.float64)
