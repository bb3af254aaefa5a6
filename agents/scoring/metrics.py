"""Definitions of the measures: accuracy, calibration error, AUROC, PR-P, PR-N, Brier score and composite.

`right` is a vector of n zeros and ones, and `confidence` a vector of n numbers in [0, 1]. `weights` is a
matrix of R rows and n columns: how often each example counts. A row of ones is the sample itself; any other
row is a bootstrap resample. Each measure returns R values, NaN for a row in which it is undefined.
Definitions as in Xiong et al. (arXiv 2306.13063) and in scikit-learn, with its `sample_weight`.

Sums are no matrix products: their order, and so their last bit, depends on the processor, and a log is
re-enacted on other computers, too.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
ECE_BINS = 10
"""Number of bins of the expected calibration error, of equal width."""


def mean(values: Vector, weights: Matrix) -> Vector:
    """Return the weighted mean of `values`. Undefined if all weights are zero."""
    return _ratio((weights * values).sum(axis=1), weights.sum(axis=1))


def accuracy(right: Vector, weights: Matrix) -> Vector:
    """Return the share of right answers. Undefined if all weights are zero."""
    return mean(right, weights)


def expected_calibration_error(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Return the sum over ten bins b of equal width of n_b/n * |accuracy(b) - mean confidence(b)|."""
    # The last bin includes its upper border, so that a confidence of 1 has a bin.
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    order = np.argsort(bins, kind="stable")
    _, starts = np.unique(bins[order], return_index=True)
    gaps = np.add.reduceat((weights * (right - confidence))[:, order], starts, axis=1)
    return _ratio(np.abs(gaps).sum(axis=1), weights.sum(axis=1))


def auroc(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Return the probability that a right answer has more confidence than a wrong one. Ties count half.

    This is the area under the ROC curve. Undefined if all answers are right, or all wrong.
    """
    rights, wrongs = _by_level(right, confidence, weights)
    below = np.cumsum(wrongs, axis=0) - wrongs / 2
    return _ratio((rights * below).sum(axis=0), rights.sum(axis=0) * wrongs.sum(axis=0))


def average_precision(positive: Vector, score: Vector, weights: Matrix) -> Vector:
    """Return the sum over thresholds of (increase in recall) * precision. Undefined without a positive."""
    hits, misses = _by_level(positive, -score, weights)
    found = np.cumsum(hits, axis=0)
    retrieved = found + np.cumsum(misses, axis=0)
    # A threshold at which nothing is retrieved adds nothing to the recall either.
    precision = found / np.maximum(retrieved, np.finfo(np.float64).tiny)
    return _ratio((hits * precision).sum(axis=0), hits.sum(axis=0))


def pr_p(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Return PR-P: the average precision with right answers as positives, ranked by confidence."""
    return average_precision(right, confidence, weights)


def pr_n(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Return PR-N: the average precision with wrong answers as positives, ranked by 1 - confidence."""
    return average_precision(1 - right, 1 - confidence, weights)


def brier(right: Vector, confidence: Vector, weights: Matrix) -> Vector:
    """Return the Brier score: the mean of (confidence - right) squared."""
    return mean((confidence - right) ** 2, weights)


def composite(values: Mapping[str, Vector], weights: Mapping[str, float]) -> Vector:
    """Return the weighted mean of the defined measures: sum of w_m * phi_m (arXiv 2502.14211).

    In each row, undefined measures are left out and the remaining weights are scaled to sum to one. A row
    without any weighted measure is 0. So a row without, say, an AUROC (all answers right, or none with a
    confidence) is scored as if its AUROC were the mean of its other measures: on the same scale from 0 to 1,
    but nearer to its accuracy than a row with an AUROC. The alternatives are worse: a fixed value would
    punish a prompt that is always right, and leaving the measure out for all prompts would make the score of
    one prompt depend on the others.
    """
    named = [name for name in values if weights.get(name)]
    rows = len(next(iter(values.values())))
    table = np.array([values[name] for name in named]).reshape(len(named), rows)
    known = np.array([weights[name] for name in named])[:, None] * ~np.isnan(table)
    total = known.sum(axis=0)
    return np.nan_to_num(_ratio((known * np.nan_to_num(table)).sum(axis=0), total))


def _by_level(positive: Vector, score: Vector, weights: Matrix) -> tuple[Matrix, Matrix]:
    """Return the weights of the positives and of the rest at each of L levels of score, from low to high.

    Both have the shape L x R. Equal scores share one level, so that no order among them is made up.
    """
    levels, place = np.unique(score, return_inverse=True)
    # One cell for each level and class, so that each example is visited once: the visits take the time.
    cells = 2 * place + (positive == 1)
    order = np.argsort(cells, kind="stable")
    filled, starts = np.unique(cells[order], return_index=True)
    table = np.zeros((2 * levels.size, len(weights)))
    if filled.size:
        table[filled] = np.add.reduceat(weights.T[order], starts, axis=0)
    return table[1::2], table[::2]


def _ratio(top: Vector, bottom: Vector) -> Vector:
    """Return `top` / `bottom`, NaN for zeros of `bottom`."""
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom != 0)
