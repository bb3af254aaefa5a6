"""Back-off at an endpoint: pauses double up to their bound, with jitter."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tenacity.wait import wait_base

from transfer_prompting.agents.models.backoff import PROBE_WAIT, RATE_LIMIT_WAIT, seconds_before


def longest(attempt: int, first: float) -> float:
    """Return the bound of a pause that starts at `first` seconds and doubles up to 30."""
    return min(30.0, first * 2.0 ** min(attempt - 1, 20))


@given(st.integers(1, 40))
@example(5000)
def test_pause_after_rate_limits_is_random_up_to_its_bound(attempt: int) -> None:
    """The pause lies between 0 and the bound, also after thousands of rate limits."""
    assert 0 <= seconds_before(attempt, RATE_LIMIT_WAIT) <= longest(attempt, 0.5)


@given(st.integers(1, 40))
@example(5000)
def test_pause_before_a_probe_is_at_least_half_of_its_bound(attempt: int) -> None:
    """Probes never follow each other immediately, and never more than 30 seconds apart."""
    bound = longest(attempt, 1.0)
    assert bound / 2 <= seconds_before(attempt, PROBE_WAIT) <= bound


@pytest.mark.parametrize("wait", [RATE_LIMIT_WAIT, PROBE_WAIT])
def test_pauses_differ(wait: wait_base) -> None:
    """Jitter keeps clients of one server from returning at the same moment."""
    assert len({seconds_before(5, wait) for _ in range(10)}) > 1
