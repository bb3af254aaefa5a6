"""Paired tests over seeds, and their correction for many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from transfer_prompting.agents.scoring.seed_test import compare_seeds, holm, p_of_t


@given(st.floats(-60, 60), st.integers(1, 60))
def test_students_t(t: float, degrees: int) -> None:
    """The p-value is that of scipy."""
    assert p_of_t(t, degrees) == pytest.approx(2 * stats.t.sf(abs(t), degrees), abs=1e-8)


def test_differences() -> None:
    """Mean, interval and p-value agree with scipy's paired test, and with each other."""
    differences = [0.05, 0.01, 0.08, 0.02, -0.01]
    found = compare_seeds(differences)
    wanted = stats.ttest_1samp(differences, 0.0)
    low, high = wanted.confidence_interval(0.95)
    assert found.seeds == 5
    assert found.mean == pytest.approx(0.03)
    assert found.p_value == pytest.approx(wanted.pvalue, abs=1e-12)
    # The quantile of Student's t has three digits.
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-5)
    assert found.low is not None
    assert (found.low > 0) == (found.p_value is not None and found.p_value < 0.05)


@pytest.mark.parametrize(
    ("differences", "p_value"),
    [([0.2], None), ([0.2, 0.2, 0.2], 0.25), ([0.0, 0.0], 1.0), ([-0.1] * 6, 2 / 64)],
)
def test_no_spread(differences: list[float], p_value: float | None) -> None:
    """One seed tests nothing. Equal differences have no interval, and their signs alone are counted."""
    found = compare_seeds(differences)
    assert (found.low, found.high, found.p_value) == (None, None, p_value)


def test_holm() -> None:
    """The example of Holm's step-down: 4, 3, 2 and 1 times the sorted p-values, never falling."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_holm_never_helps(p_values: list[float]) -> None:
    """A corrected p-value is at least the raw one, at most Bonferroni's, and in the same order."""
    found = holm(p_values)
    assert all(
        p <= c <= min(1.0, len(p_values) * p) or c == 1.0 for p, c in zip(p_values, found, strict=True)
    )
    ordered = [c for _, c in sorted(zip(p_values, found, strict=True))]
    assert ordered == sorted(ordered)
