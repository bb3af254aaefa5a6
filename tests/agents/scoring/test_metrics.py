"""The measures against scikit-learn, against plain loops, and on inputs for which they are undefined."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcome_making import PAIRS, PERCENT, PROPERTY, vectors
from sklearn import metrics as learn

from transfer_prompting.agents.scoring import metrics
from transfer_prompting.agents.scoring.metrics import Matrix, Vector

Pairs = list[tuple[bool, int]]


def whole(measure: Callable[..., Vector], *vectors: Vector) -> float | None:
    """Return the measure of the sample itself, each example counted once; None if it is undefined."""
    (value,) = measure(*vectors, np.ones((1, len(vectors[0]))))
    return None if np.isnan(value) else float(value)


def both_classes(pairs: Pairs) -> bool:
    return len({right for right, _ in pairs}) == 2


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_auroc(pairs: Pairs) -> None:
    """AUROC equals scikit-learn's, ties included."""
    right, confidence = vectors(pairs)
    assert whole(metrics.auroc, right, confidence) == pytest.approx(
        learn.roc_auc_score(right, confidence), abs=1e-12
    )


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_average_precisions(pairs: Pairs) -> None:
    """PR-P and PR-N equal scikit-learn's average precision, with right and wrong answers as positives."""
    right, confidence = vectors(pairs)
    p = learn.average_precision_score(right, confidence)
    n = learn.average_precision_score(1 - right, 1 - confidence)
    assert whole(metrics.pr_p, right, confidence) == pytest.approx(p, abs=1e-12)
    assert whole(metrics.pr_n, right, confidence) == pytest.approx(n, abs=1e-12)


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_brier(pairs: Pairs) -> None:
    """The Brier score equals scikit-learn's."""
    right, confidence = vectors(pairs)
    assert whole(metrics.brier, right, confidence) == pytest.approx(
        learn.brier_score_loss(right, confidence), abs=1e-12
    )


@PROPERTY
@given(PAIRS.filter(bool))
def test_calibration_error(pairs: Pairs) -> None:
    """The expected calibration error equals that of a plain loop over ten bins."""
    error = 0.0
    for lower in range(0, 100, 10):
        inside = [p for p in pairs if lower <= p[1] < lower + 10 or (lower == 90 and p[1] == 100)]
        if inside:
            accuracy = sum(r for r, _ in inside) / len(inside)
            sure = sum(c / 100 for _, c in inside) / len(inside)
            error += len(inside) / len(pairs) * abs(accuracy - sure)
    assert whole(metrics.expected_calibration_error, *vectors(pairs)) == pytest.approx(error, abs=1e-12)


def test_calibration_error_by_hand() -> None:
    """Five answers in two bins: 2/5 * |1/2 - 0.95| + 3/5 * |1/3 - 0.65| = 0.37."""
    right, confidence = vectors([(True, 90), (False, 100), (True, 60), (False, 69), (False, 66)])
    assert whole(metrics.expected_calibration_error, right, confidence) == pytest.approx(0.37, abs=1e-12)


def test_bins_at_their_borders() -> None:
    """A confidence on the border of two bins belongs to the upper one, and 1 belongs to the last."""
    for percent in range(101):
        # Alone in its bin a right answer and a wrong one are worth |1/2 - mean confidence|.
        right, confidence = vectors([(True, percent), (False, min(percent // 10, 9) * 10 + 5)])
        expected = abs(0.5 - confidence.mean())
        assert whole(metrics.expected_calibration_error, right, confidence) == pytest.approx(
            expected, abs=1e-12
        )


@PROPERTY
@given(PAIRS)
def test_ranges(pairs: Pairs) -> None:
    """Every measure is undefined or lies in [0, 1]."""
    right, confidence = vectors(pairs)
    found = [whole(metrics.mean, right), *(whole(measure, right, confidence) for measure in MEASURES)]
    assert all(value is None or -1e-12 <= value <= 1 + 1e-12 for value in found)


MEASURES: list[Callable[[Vector, Vector, Matrix], Vector]] = [
    metrics.expected_calibration_error,
    metrics.auroc,
    metrics.pr_p,
    metrics.pr_n,
    metrics.brier,
]


def test_nothing_to_measure() -> None:
    """Without examples, every measure is undefined."""
    empty = np.array([], dtype=np.float64)
    assert whole(metrics.mean, empty) is None
    assert [whole(measure, empty, empty) for measure in MEASURES] == [None] * 5


@PROPERTY
@given(PAIRS.filter(bool))
def test_one_class(pairs: Pairs) -> None:
    """If all answers are right, or all wrong, only the measures that compare the two are undefined."""
    for value in (True, False):
        right, confidence = vectors([(value, percent) for _, percent in pairs])
        assert whole(metrics.auroc, right, confidence) is None
        assert (whole(metrics.pr_p, right, confidence), whole(metrics.pr_n, right, confidence)) == (
            (1.0, None) if value else (None, 1.0)
        )
        assert whole(metrics.brier, right, confidence) is not None
        assert whole(metrics.expected_calibration_error, right, confidence) is not None


@PROPERTY
@given(PAIRS.filter(both_classes))
def test_turned_round(pairs: Pairs) -> None:
    """Inverting the confidence inverts AUROC and exchanges the positives of PR-P and PR-N."""
    right, confidence = vectors(pairs)
    auroc, turned = whole(metrics.auroc, right, confidence), whole(metrics.auroc, right, 1 - confidence)
    assert auroc is not None
    assert turned == pytest.approx(1 - auroc, abs=1e-12)
    assert whole(metrics.pr_n, right, confidence) == whole(metrics.pr_p, 1 - right, 1 - confidence)


@PROPERTY
@given(PAIRS.filter(both_classes), PERCENT)
def test_one_confidence_for_all(pairs: Pairs, percent: int) -> None:
    """If all confidences are equal, AUROC is one half and PR-P is the accuracy."""
    right, confidence = vectors([(value, percent) for value, _ in pairs])
    assert whole(metrics.auroc, right, confidence) == 0.5
    assert whole(metrics.pr_p, right, confidence) == pytest.approx(whole(metrics.mean, right), abs=1e-12)


def test_perfect_confidence() -> None:
    """A confidence of 1 for right and 0 for wrong answers gives the best value of every measure."""
    right, confidence = vectors([(True, 100), (True, 100), (False, 0)])
    assert [whole(measure, right, confidence) for measure in MEASURES] == [0.0, 1.0, 1.0, 1.0, 0.0]


@st.composite
def weighted(draw: st.DrawFn) -> tuple[Vector, Vector, Matrix]:
    """Draw pairs and the counts of each in five rows, zero included."""
    pairs = draw(PAIRS.filter(bool))
    counts = draw(
        st.lists(
            st.lists(st.integers(0, 3), min_size=len(pairs), max_size=len(pairs)), min_size=5, max_size=5
        )
    )
    return *vectors(pairs), np.array(counts, dtype=np.float64)


@PROPERTY
@given(weighted())
def test_weights_are_repetitions(drawn: tuple[Vector, Vector, Matrix]) -> None:
    """In each row and measure, an example that counts k times is equivalent to k equal examples."""
    right, confidence, weights = drawn
    for measure in MEASURES:
        for row, value in zip(weights.astype(int), measure(right, confidence, weights), strict=True):
            repeated = whole(measure, np.repeat(right, row), np.repeat(confidence, row))
            assert (None if np.isnan(value) else value) == pytest.approx(repeated, abs=1e-12)


@settings(PROPERTY, max_examples=15)
@given(weighted())
def test_weights_against_scikit_learn(drawn: tuple[Vector, Vector, Matrix]) -> None:
    """With weights, the defined measures equal scikit-learn's with `sample_weight`."""
    right, confidence, weights = drawn
    auroc, pr_p, brier = (m(right, confidence, weights) for m in (metrics.auroc, metrics.pr_p, metrics.brier))
    for n, row in enumerate(weights):
        if not row.sum():
            continue
        assert brier[n] == pytest.approx(
            learn.brier_score_loss(right, confidence, sample_weight=row, pos_label=1)
        )
        if not np.isnan(auroc[n]):
            assert auroc[n] == pytest.approx(learn.roc_auc_score(right, confidence, sample_weight=row))
            assert pr_p[n] == pytest.approx(
                learn.average_precision_score(right, confidence, sample_weight=row)
            )


def test_published_example() -> None:
    """The example of scikit-learn's documentation gives an AUROC of 0.75 and an average precision of 0.83."""
    right, confidence = np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8])
    assert whole(metrics.auroc, right, confidence) == 0.75
    assert whole(metrics.pr_p, right, confidence) == pytest.approx(0.8333, abs=1e-4)


def one(values: dict[str, float | None]) -> dict[str, Vector]:
    """Return each value as a vector of one row."""
    return {name: np.array([np.nan if v is None else v]) for name, v in values.items()}


def test_composite_by_hand() -> None:
    """The composite is the weighted mean of the defined measures that have a weight."""
    weights = {"accuracy": 2.0, "ifr": 1.0, "auroc": 1.0, "pr_n": 0.0}
    values = {"accuracy": 0.5, "ifr": 1.0, "auroc": None, "pr_n": 0.9, "brier": 0.3}
    assert metrics.composite(one(values), weights) == pytest.approx((2 * 0.5 + 1.0) / 3)


def test_composite_of_rows() -> None:
    """In each row, the measures that are defined there make the composite."""
    values = {"accuracy": np.array([0.5, 1.0]), "auroc": np.array([1.0, np.nan])}
    found = metrics.composite(values, {"accuracy": 1.0, "auroc": 1.0})
    assert found.tolist() == [0.75, 1.0]


@pytest.mark.parametrize("values", [{"accuracy": None}, {"brier": 0.5}, {"pr_n": 1.0}])
def test_composite_of_nothing(values: dict[str, float | None]) -> None:
    """Without a defined measure that has a weight, the composite is zero."""
    assert metrics.composite(one(values), {"accuracy": 1.0, "pr_n": 0.0}).tolist() == [0.0]


@pytest.mark.parametrize(
    "measure", [metrics.mean, metrics.accuracy, metrics.brier, metrics.expected_calibration_error]
)
def test_no_measure_is_a_matrix_product(measure: Callable[..., Vector]) -> None:
    """The order in which a measure adds does not depend on the processor, as that of a matrix product does.

    Weights that count how they are used stand for the rows of a resample.
    """

    class Watched(np.ndarray[tuple[int, int], np.dtype[np.float64]]):
        """A matrix that refuses products."""

        def __array_ufunc__(
            self, ufunc: np.ufunc, method: str, *inputs: object, **settings: object
        ) -> object:
            assert ufunc is not np.matmul
            plain = [one.view(np.ndarray) if isinstance(one, Watched) else one for one in inputs]
            found = getattr(ufunc, method)(*plain, **settings)
            return found.view(Watched) if isinstance(found, np.ndarray) and found.ndim == 2 else found

    random = np.random.default_rng(0)
    right, confidence = (random.random(40) < 0.5).astype(float), random.random(40)
    weights = random.integers(0, 3, (5, 40)).astype(float)
    used = (right,) if measure in (metrics.accuracy,) else (right, confidence)
    if measure is metrics.mean:
        used = (confidence,)
    assert measure(*used, weights.view(Watched)) == pytest.approx(measure(*used, weights))
