"""Measures with their intervals, of one task and of several."""

import numpy as np
import pytest

from transfer_prompting.agents.messages.scores import Measure, merged
from transfer_prompting.agents.scoring.intervals import wilson


def share(value: float, n: int) -> Measure:
    """Return a share with Wilson's interval."""
    low, high = wilson(value, n)
    return Measure(value=value, n=n, low=low, high=high)


def test_one_task_is_as_it_is() -> None:
    """The measure of a single task stays unchanged."""
    assert merged([share(0.8, 50)]) == share(0.8, 50)


def test_undefined_tasks_are_left_out() -> None:
    """The mean is taken over the tasks with a defined measure; without any there is no value."""
    half = share(0.5, 40)
    found = merged([half, Measure(value=None, n=10)])
    assert (found.value, found.n, found.low, found.high) == (0.5, 50, half.low, half.high)
    assert merged([Measure(value=None, n=1), Measure(value=None, n=2)]) == Measure(value=None, n=3)


def test_without_an_interval_there_is_none() -> None:
    """If one task has no interval, the mean has none."""
    found = merged([share(0.5, 40), Measure(value=0.7, n=3)])
    assert found.value == pytest.approx(0.6)
    assert (found.low, found.high) == (None, None)


def test_the_interval_covers_the_mean() -> None:
    """Over many pairs of samples, the 95 % interval of the mean contains the true mean in about 95 %."""
    random, truth, n = np.random.default_rng(3), (0.9, 0.6), (60, 30)
    held = 0
    for _ in range(2000):
        found = merged([share(random.binomial(k, p) / k, k) for p, k in zip(truth, n, strict=True)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.75 <= found.high
    assert 0.93 < held / 2000 < 0.98


@pytest.mark.parametrize(("low", "high", "apart"), [(0.1, 0.3, True), (0.1, 0.4, False), (0.7, 0.9, True)])
def test_apart(low: float, high: float, apart: bool) -> None:
    """Two measures are apart if their intervals do not touch, and never without an interval."""
    middle = Measure(value=0.5, n=9, low=0.4, high=0.6)
    assert middle.apart(Measure(value=low, n=9, low=low, high=high)) == apart
    assert not middle.apart(Measure(value=low, n=9))
    assert not middle.apart(None)


def test_summary() -> None:
    """The summary of a measure includes its interval if there is one."""
    assert Measure(value=0.5, n=9, low=0.4, high=0.6).summary() == "0.5, 95 % interval 0.4 to 0.6"
    assert [Measure(value=v, n=9).summary() for v in (0.5, None)] == ["0.5", "undefined"]
