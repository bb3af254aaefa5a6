"""The agreement of a judge with people."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from transfer_prompting.agents.scoring.agreement import agreement

SHARES = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])


def test_a_kind_judge() -> None:
    """The bias is the mean of judge minus people, and its interval excludes zero if it is sure."""
    people = [0.0, 0.25, 0.5, 0.75, 0.25, 0.5] * 5
    found = agreement([share + 0.2 for share in people], people)
    assert found.bias.value == pytest.approx(0.2)
    assert found.bias.low is not None
    assert found.bias.low > 0
    assert found.error.value == pytest.approx(0.2)
    assert found.correlation.value == pytest.approx(1)
    assert found.judge == pytest.approx((found.people or 0) + 0.2)


def test_a_judge_at_random() -> None:
    """A judge that knows nothing has a correlation whose interval holds zero, in about 95 % of the cases."""
    random = Random(5)
    held = 0
    for _ in range(200):
        one, other = ([random.random() for _ in range(20)] for _ in range(2))
        found = agreement(one, other).correlation
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0 <= found.high
    assert 180 <= held <= 200


def test_few_ratings() -> None:
    """Without ratings nothing is defined; one has no interval, and constant ratings have no correlation."""
    nothing = agreement([], [])
    assert (nothing.error.value, nothing.bias.value, nothing.judge) == (None, None, None)
    one = agreement([1.0], [0.5])
    assert (one.bias.value, one.bias.low, one.correlation.value) == (0.5, None, None)
    assert agreement([0.5] * 9, [0.0, 1.0, 0.5] * 3).correlation.value is None


@given(st.lists(st.tuples(SHARES, SHARES), min_size=4, max_size=30))
def test_against_scipy(pairs: list[tuple[float, float]]) -> None:
    """The correlation is that of scipy, ties included, and every value lies in its interval and its range."""
    judged, people = ([pair[n] for pair in pairs] for n in (0, 1))
    found = agreement(judged, people)
    if len(set(judged)) > 1 and len(set(people)) > 1:
        assert found.correlation.value == pytest.approx(spearmanr(judged, people).statistic, abs=1e-6)
    for measure, lowest in ((found.error, 0), (found.bias, -1), (found.correlation, -1)):
        if measure.value is not None:
            assert measure.low is not None
            assert measure.high is not None
            assert lowest <= measure.low <= measure.value <= measure.high <= 1
