"""Wilson's interval against published values, and the bootstrap's resamples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcome_making import PROPERTY

from transfer_prompting.agents.scoring.intervals import (
    RESAMPLES,
    percentiles,
    resample,
    sample_and_resamples,
    wilson,
)


def test_wilson_published() -> None:
    """Newcombe (1998, table I): 81 of 263 gives 0.2553 to 0.3662, and 0 of 20 gives 0 to 0.1611."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0.0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@PROPERTY
@given(st.integers(1, 300), st.data())
def test_wilson_against_scipy(n: int, data: st.DataObject) -> None:
    """The interval equals scipy's, contains the share and stays in [0, 1]."""
    stats = pytest.importorskip("scipy.stats")
    k = data.draw(st.integers(0, n))
    expected = stats.binomtest(k, n).proportion_ci(0.95, method="wilson")
    low, high = wilson(k / n, n)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= low <= k / n + 1e-12
    assert k / n - 1e-12 <= high <= 1


@pytest.mark.parametrize("n", [1, 7, 200])
def test_resamples(n: int) -> None:
    """Each row draws n examples, the first row each example once, and every call draws the same."""
    counts = sample_and_resamples(n)
    assert counts.shape == (1 + RESAMPLES, n)
    assert (counts.sum(axis=1) == n).all()
    assert (counts[0] == 1).all()
    sample_and_resamples.cache_clear()
    assert np.array_equal(counts, sample_and_resamples(n))


def test_resamples_are_evenly_drawn() -> None:
    """Every example is drawn once on average, with the variance of a binomial count."""
    counts = resample(10, 20000, np.random.default_rng(1))
    assert counts.mean(axis=0) == pytest.approx(np.ones(10), abs=0.03)
    assert counts.var(axis=0) == pytest.approx(np.full(10, 0.9), abs=0.05)


def test_percentiles() -> None:
    """The percentiles cut off 2.5 % on each side and ignore undefined draws."""
    draws = np.concatenate([np.arange(1001.0), [np.nan] * 500])
    assert percentiles(draws) == (25.0, 975.0)
    assert percentiles(np.array([np.nan])) is None


@PROPERTY
@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=600))
def test_percentiles_against_numpy(draws: list[float]) -> None:
    """The percentiles of the defined draws have the bits of numpy's, so that a replay agrees with its log."""
    known = [draw for draw in draws if draw == draw]
    expected = tuple(np.quantile(known, (0.025, 0.975)).tolist()) if known else None
    assert percentiles(np.array(draws)) == expected
