"""The measures of the objective prompts evaluator over right/wrong answers and confidences.

`right` is a vector of n zeros and ones, `confidence` one of n numbers in [0, 1]. A measure that is
undefined on its input is None. Definitions as in Xiong et al. (arXiv 2306.13063) and scikit-learn.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
ECE_BINS = 10


def accuracy(right: Vector) -> float | None:
    """The share of right answers."""
    return float(right.mean()) if right.size else None


def expected_calibration_error(right: Vector, confidence: Vector) -> float | None:
    """Sum over ten equal-width bins of n_b/n * |accuracy(b) - mean confidence(b)|."""
    if not right.size:
        return None
    # The last bin is closed on both sides, so that a confidence of 1 has a place.
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = np.bincount(bins, weights=right - confidence, minlength=ECE_BINS)
    return float(np.abs(gaps).sum() / right.size)


def auroc(right: Vector, confidence: Vector) -> float | None:
    """The chance that a right answer has more confidence than a wrong one; ties count half."""
    positives, negatives = confidence[right == 1], confidence[right == 0]
    if not positives.size or not negatives.size:
        return None
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    up_to = np.searchsorted(ordered, positives, side="right")
    return float((below + up_to).sum() / 2 / (positives.size * negatives.size))


def average_precision(positive: Vector, score: Vector) -> float | None:
    """Sum over thresholds of (recall step) * precision; undefined without a positive."""
    total = positive.sum()
    if not total:
        return None
    order = np.argsort(-score, kind="stable")
    hits, ranked = np.cumsum(positive[order]), score[order]
    # Equal scores share one threshold: only the last of each run of ties counts.
    last = np.append(np.diff(ranked) != 0, True)
    found = hits[last]
    precision = found / (np.flatnonzero(last) + 1)
    return float((np.diff(found, prepend=0.0) * precision).sum() / total)


def pr_p(right: Vector, confidence: Vector) -> float | None:
    """Average precision with right answers as the positives."""
    return average_precision(right, confidence)


def pr_n(right: Vector, confidence: Vector) -> float | None:
    """Average precision with wrong answers as the positives and the confidence turned round."""
    return average_precision(1 - right, 1 - confidence)


def brier(right: Vector, confidence: Vector) -> float | None:
    """The mean of (confidence - right) squared."""
    return float(((confidence - right) ** 2).mean()) if right.size else None


def composite(values: Mapping[str, float | None], weights: Mapping[str, float]) -> float:
    """The weighted mean of the measures that are defined: sum of w_m * phi_m (arXiv 2502.14211).

    The weights of undefined measures are left out and the others made to sum to one; 0.0 where no
    weighted measure is defined.
    """
    known = [
        (weights[name], value) for name, value in values.items() if value is not None and name in weights
    ]
    total = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / total if total else 0.0
