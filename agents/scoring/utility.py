"""Utility of a single example: the part of the composite score that one example has by itself."""

from collections.abc import Mapping

from ...prompts.sums import summed
from ..messages.scores import Outcome
from .objective import MAIN

_CALIBRATION = ("one_minus_ece", "auroc", "pr_p", "pr_n")
"""Calibration measures, which need a set of examples. One example contributes the error of its confidence."""


def utility(outcome: Outcome, weights: Mapping[str, float]) -> float:
    """Return a number in [0, 1]: the weighted mean of the measures that one example has by itself.

    Races compare utilities example by example. With the weights of the objective "metric" this is the main
    metric. In a composite the weights of the calibration measures go to 1 minus the squared error of the
    confidence, which is 1 minus the example's share of the Brier score. An unreadable answer earns nothing
    for it. A format, a confidence or a further metric that the example does not have is left out.
    """
    parts = [(weights.get(MAIN, 0.0), outcome.value), (weights.get("accuracy", 0.0), float(outcome.correct))]
    if outcome.followed is not None:
        parts.append((weights.get("ifr", 0.0), float(outcome.followed)))
    if outcome.confidence is not None or outcome.answer is None:
        error = 1.0 if outcome.confidence is None else outcome.confidence - outcome.correct
        parts.append((summed(weights.get(name, 0.0) for name in _CALIBRATION), 1 - error**2))
    parts += [(weights.get(name, 0.0), value) for name, value in outcome.metrics.items()]
    total = summed(weight for weight, _ in parts)
    return summed(weight * part for weight, part in parts) / total if total else outcome.value
