"""The measures against scikit-learn, against plain loops, and on inputs on which they are undefined."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from outcome_making import PAIRS, PERCENT, PROPERTY, vectors

from transfer_prompting.agents import metrics
from transfer_prompting.agents.metrics import Vector

learn = pytest.importorskip("sklearn.metrics")
Pairs = list[tuple[bool, int]]


def both_classes(pairs: Pairs) -> bool:
    return len({right for right, _ in pairs}) == 2


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_auroc(pairs: Pairs) -> None:
    """AUROC is scikit-learn's, ties included."""
    right, confidence = vectors(pairs)
    assert metrics.auroc(right, confidence) == pytest.approx(
        learn.roc_auc_score(right, confidence), abs=1e-12
    )


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_average_precisions(pairs: Pairs) -> None:
    """PR-P and PR-N are scikit-learn's average precision, with right and with wrong as the positives."""
    right, confidence = vectors(pairs)
    p = learn.average_precision_score(right, confidence)
    n = learn.average_precision_score(1 - right, 1 - confidence)
    assert metrics.pr_p(right, confidence) == pytest.approx(p, abs=1e-12)
    assert metrics.pr_n(right, confidence) == pytest.approx(n, abs=1e-12)


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_brier(pairs: Pairs) -> None:
    """The Brier score is scikit-learn's."""
    right, confidence = vectors(pairs)
    assert metrics.brier(right, confidence) == pytest.approx(
        learn.brier_score_loss(right, confidence), abs=1e-12
    )


@PROPERTY
@given(PAIRS.filter(bool))
def test_calibration_error(pairs: Pairs) -> None:
    """The calibration error is what a plain loop over ten bins finds."""
    error = 0.0
    for lower in range(0, 100, 10):
        inside = [p for p in pairs if lower <= p[1] < lower + 10 or (lower == 90 and p[1] == 100)]
        if inside:
            accuracy = sum(r for r, _ in inside) / len(inside)
            sure = sum(c / 100 for _, c in inside) / len(inside)
            error += len(inside) / len(pairs) * abs(accuracy - sure)
    assert metrics.expected_calibration_error(*vectors(pairs)) == pytest.approx(error, abs=1e-12)


def test_calibration_error_by_hand() -> None:
    """Five answers in two bins: 2/5 * |1/2 - 0.95| + 3/5 * |1/3 - 0.65| = 0.37."""
    right, confidence = vectors([(True, 90), (False, 100), (True, 60), (False, 69), (False, 66)])
    assert metrics.expected_calibration_error(right, confidence) == pytest.approx(0.37, abs=1e-12)


def test_bins_at_their_borders() -> None:
    """A confidence on the border of two bins belongs to the upper one, and 1 to the last."""
    for percent in range(101):
        # Alone in its bin a right answer and a wrong one are worth |1/2 - mean confidence|.
        right, confidence = vectors([(True, percent), (False, min(percent // 10, 9) * 10 + 5)])
        expected = abs(0.5 - confidence.mean())
        assert metrics.expected_calibration_error(right, confidence) == pytest.approx(expected, abs=1e-12)


@PROPERTY
@given(PAIRS)
def test_ranges(pairs: Pairs) -> None:
    """Every measure is None or lies in [0, 1]."""
    right, confidence = vectors(pairs)
    found = [metrics.accuracy(right), *(measure(right, confidence) for measure in MEASURES)]
    assert all(value is None or -1e-12 <= value <= 1 + 1e-12 for value in found)


MEASURES: list[Callable[[Vector, Vector], float | None]] = [
    metrics.expected_calibration_error,
    metrics.auroc,
    metrics.pr_p,
    metrics.pr_n,
    metrics.brier,
]


def test_nothing_to_measure() -> None:
    """Without examples every measure is undefined."""
    empty = np.array([], dtype=np.float64)
    assert metrics.accuracy(empty) is None
    assert [measure(empty, empty) for measure in MEASURES] == [None] * 5


@PROPERTY
@given(PAIRS.filter(bool))
def test_one_class(pairs: Pairs) -> None:
    """With right answers only, or wrong ones only, what compares the two is undefined; the rest is not."""
    for value in (True, False):
        right, confidence = vectors([(value, percent) for _, percent in pairs])
        assert metrics.auroc(right, confidence) is None
        assert (metrics.pr_p(right, confidence), metrics.pr_n(right, confidence)) == (
            (1.0, None) if value else (None, 1.0)
        )
        assert metrics.brier(right, confidence) is not None
        assert metrics.expected_calibration_error(right, confidence) is not None


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_turned_round(pairs: Pairs) -> None:
    """Turning the confidence round turns AUROC round and lets PR-P and PR-N change places."""
    right, confidence = vectors(pairs)
    auroc, turned = metrics.auroc(right, confidence), metrics.auroc(right, 1 - confidence)
    assert auroc is not None
    assert turned == pytest.approx(1 - auroc, abs=1e-12)
    assert metrics.pr_n(right, confidence) == metrics.pr_p(1 - right, 1 - confidence)


@PROPERTY
@given(PAIRS.filter(both_classes), PERCENT)
def test_one_confidence_for_all(pairs: Pairs, percent: int) -> None:
    """A model that is always equally sure has an AUROC of one half and a PR-P of its accuracy."""
    right, confidence = vectors([(value, percent) for value, _ in pairs])
    assert metrics.auroc(right, confidence) == 0.5
    assert metrics.pr_p(right, confidence) == pytest.approx(metrics.accuracy(right), abs=1e-12)


def test_perfect_confidence() -> None:
    """Sure where right and unsure where wrong: the best value of every measure."""
    right, confidence = vectors([(True, 100), (True, 100), (False, 0)])
    assert [measure(right, confidence) for measure in MEASURES] == [0.0, 1.0, 1.0, 1.0, 0.0]


def test_composite_by_hand() -> None:
    """The composite is the weighted mean of the measures that are defined and have a weight."""
    weights = {"accuracy": 2.0, "ifr": 1.0, "auroc": 1.0, "pr_n": 0.0}
    values = {"accuracy": 0.5, "ifr": 1.0, "auroc": None, "pr_n": 0.9, "brier": 0.3}
    assert metrics.composite(values, weights) == pytest.approx((2 * 0.5 + 1.0) / 3)


@pytest.mark.parametrize("values", [{}, {"accuracy": None}, {"brier": 0.5}, {"pr_n": 1.0}])
def test_composite_of_nothing(values: dict[str, float | None]) -> None:
    """Without a weighted measure that is defined the composite is zero."""
    assert metrics.composite(values, {"accuracy": 1.0, "pr_n": 0.0}) == 0.0
