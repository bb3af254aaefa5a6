"""The measures of the objective prompts evaluator over right/wrong answers and confidences.

`right` is a vector of n zeros and ones, `confidence` one of n numbers in [0, 1], and `weights` a matrix
with R rows: how often each example counts. A bootstrap resample is a row; a row of ones is the sample
itself. A measure returns R values, NaN where it is undefined. Definitions as in Xiong et al. (arXiv
2306.13063) and in scikit-learn, with its `sample_weight`.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
ECE_BINS = 10


def mean(values: Vector, weights: Matrix) -> Vector:
    """The mean of `values`; of rights and wrongs the accuracy. Undefined without a weight."""
    return _ratio(weights @ values, weights.sum(axis=1))


def expected_calibration_error(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Sum over ten equal-width bins of n_b/n * |accuracy(b) - mean confidence(b)|."""
    # The last bin is closed on both sides, so that a confidence of 1 has a place.
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    inside = bins[:, None] == np.arange(ECE_BINS)
    gaps = weights @ (inside * (right - confidence)[:, None])
    return _ratio(np.abs(gaps).sum(axis=1), weights.sum(axis=1))


def auroc(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """The chance that a right answer has more confidence than a wrong one; ties count half."""
    rights, wrongs = _by_level(right, confidence, weights)
    below = np.cumsum(wrongs, axis=0) - wrongs / 2
    return _ratio((rights * below).sum(axis=0), rights.sum(axis=0) * wrongs.sum(axis=0))


def average_precision(positive: Vector, score: Vector, weights: Matrix) -> Vector:
    """Sum over thresholds of (recall step) * precision; undefined without a positive."""
    hits, misses = _by_level(positive, -score, weights)
    found = np.cumsum(hits, axis=0)
    retrieved = found + np.cumsum(misses, axis=0)
    # Thresholds at which nothing is retrieved yet have no recall step either.
    precision = found / np.maximum(retrieved, np.finfo(np.float64).tiny)
    return _ratio((hits * precision).sum(axis=0), hits.sum(axis=0))


def pr_p(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Average precision with right answers as the positives."""
    return average_precision(right, confidence, weights)


def pr_n(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Average precision with wrong answers as the positives and the confidence turned round."""
    return average_precision(1 - right, 1 - confidence, weights)


def brier(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """The mean of (confidence - right) squared."""
    return mean((confidence - right) ** 2, weights)


def composite(values: Mapping[str, Vector], weights: Mapping[str, float]) -> Vector:
    """The weighted mean of the measures that are defined: sum of w_m * phi_m (arXiv 2502.14211).

    Row by row the weights of undefined measures are left out and the others made to sum to one; 0 where no
    weighted measure is defined. So a row without, say, an AUROC (all answers right, or none with a
    confidence) stands as if its AUROC were the mean of its other measures: it is on the same scale from 0 to
    1, but nearer to its accuracy than a row with one. The alternatives are worse: a fixed value would
    punish the prompt that is always right, and leaving the measure out for all would make the score of one
    prompt depend on the others.
    """
    named = [name for name in values if weights.get(name)]
    rows = len(next(iter(values.values())))
    table = np.array([values[name] for name in named]).reshape(len(named), rows)
    known = np.array([weights[name] for name in named])[:, None] * ~np.isnan(table)
    total = known.sum(axis=0)
    return np.nan_to_num(_ratio((known * np.nan_to_num(table)).sum(axis=0), total))


def _by_level(positive: Vector, score: Vector, weights: Matrix) -> tuple[Matrix, Matrix]:
    """The weight of the positives and of the rest at each level of score from low to high: both L x R.

    Equal scores share one level, so that no order among them is made up.
    """
    levels, place = np.unique(score, return_inverse=True)
    # One cell for each level and class: each example is touched once, which is what takes the time.
    cells = 2 * place + (positive == 1)
    order = np.argsort(cells, kind="stable")
    filled, starts = np.unique(cells[order], return_index=True)
    table = np.zeros((2 * levels.size, len(weights)))
    if filled.size:
        table[filled] = np.add.reduceat(weights.T[order], starts, axis=0)
    return table[1::2], table[::2]


def _ratio(top: Vector, bottom: Vector) -> Vector:
    """Top / bottom, NaN where bottom is zero."""
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom != 0)
