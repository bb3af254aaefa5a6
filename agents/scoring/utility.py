"""What one example says for a prompt: the part of the composite score that every example has by itself."""

from collections.abc import Mapping

from ..messages.scores import Outcome

_CALIBRATION = ("one_minus_ece", "auroc", "pr_p", "pr_n")
"""Measures of a whole set of confidences; one example shows of them how far its confidence was off."""


def utility(outcome: Outcome, weights: Mapping[str, float]) -> float:
    """A number in [0, 1]: the weighted mean of being right, keeping the format and being rightly sure.

    Races compare it example by example. The weights of the calibration measures go to 1 minus the squared
    error of the confidence (the example's share of the Brier score); an answer that could not be read has
    earned none of it. What was not asked for, format or confidence, is left out.
    """
    parts = [(weights.get("accuracy", 0.0), float(outcome.correct))]
    if outcome.followed is not None:
        parts.append((weights.get("ifr", 0.0), float(outcome.followed)))
    if outcome.confidence is not None or outcome.answer is None:
        error = 1.0 if outcome.confidence is None else outcome.confidence - outcome.correct
        parts.append((sum(weights.get(name, 0.0) for name in _CALIBRATION), 1 - error**2))
    total = sum(weight for weight, _ in parts)
    return sum(weight * part for weight, part in parts) / total if total else float(outcome.correct)
