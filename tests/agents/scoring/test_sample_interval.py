"""Mean, interval and noise of repeated samples."""

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.scoring.sample_interval import noise, sampled, t_quantile


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.303), (10, 2.228), (11, 2.201), (20, 2.086), (120, 1.980)]
)
def test_t(freedom: int, expected: float) -> None:
    """The quantiles of Student's t equal those of printed tables."""
    assert t_quantile(freedom) == pytest.approx(expected, abs=0.001)


def test_t_falls() -> None:
    """The quantile falls towards the normal one, also beyond the end of the table."""
    values = [t_quantile(freedom) for freedom in range(1, 200)]
    assert values == sorted(values, reverse=True)
    assert values[-1] > 1.96


def test_known_samples() -> None:
    """The samples 0.25, 0.5, 0.75 have mean 0.5, noise 0.25, and 4.303 standard errors as half the width."""
    measure = sampled([0.25, 0.5, 0.75])
    assert (measure.value, measure.n) == (0.5, 3)
    assert noise([0.25, 0.5, 0.75]) == 0.25
    assert (measure.low, measure.high) == (0.0, 1.0)
    nine = sampled([0.25, 0.5, 0.75] * 3)
    assert nine.high == pytest.approx(0.5 + 2.306 * 0.216506 / 3, abs=1e-4)


def test_few_samples() -> None:
    """Without samples there is no value, with one sample no interval, and in both cases no noise."""
    assert sampled([]).model_dump() == {"value": None, "n": 0, "low": None, "high": None}
    assert sampled([0.5]).model_dump() == {"value": 0.5, "n": 1, "low": None, "high": None}
    assert (noise([]), noise([0.5])) == (None, None)


@PROPERTY
@given(st.lists(st.integers(0, 4).map(lambda n: n / 4), min_size=2, max_size=9))
def test_bounds(samples: list[float]) -> None:
    """The interval contains the mean and stays in [0, 1]; equal samples have a width of zero."""
    measure = sampled(samples)
    assert measure.value is not None
    assert measure.value == pytest.approx(fmean(samples))
    assert measure.low is not None
    assert measure.high is not None
    assert 0 <= measure.low <= measure.value <= measure.high <= 1
    assert (noise(samples) == 0) == (len(set(samples)) == 1)
