"""The state of one base URL: its limit, its pauses, and when it counts as down."""

from hypothesis import example, given
from hypothesis import strategies as st

from transfer_prompting.agents.models.openai.endpoint import Endpoint


def make_endpoint(ceiling: int = 16) -> Endpoint:
    """Return a fresh endpoint."""
    return Endpoint("http://a/v1", "http://a/v1", ceiling)


def test_rate_limits_of_one_burst_halve_the_limit_once() -> None:
    """Sixteen requests that were in flight together report one overload, not sixteen."""
    endpoint = make_endpoint()
    for _ in range(16):
        endpoint.record_rate_limit(sent_at=1.0, now=2.0, retry_after=None)
    assert endpoint.limit == 8


def test_rate_limits_of_later_requests_halve_the_limit_again() -> None:
    """A rate limit for a request sent after a cut cuts again, down to one."""
    endpoint = make_endpoint()
    for second in range(10):
        endpoint.record_rate_limit(sent_at=second, now=second + 0.5, retry_after=0)
    assert endpoint.limit == 1


def test_limit_grows_by_about_one_for_a_full_round() -> None:
    """Successes at the limit raise it by one request a round, up to the ceiling."""
    endpoint = make_endpoint(ceiling=6)
    endpoint.record_rate_limit(sent_at=0.0, now=0.0, retry_after=0)
    assert endpoint.limit == 3
    endpoint.in_flight = 3
    for _ in range(3):
        endpoint.record_success()
    assert 3.9 < endpoint.limit <= 4
    for _ in range(100):
        endpoint.in_flight = int(endpoint.limit)
        endpoint.record_success()
    assert endpoint.limit == 6


def test_limit_does_not_grow_while_it_is_not_reached() -> None:
    """A success far below the limit says nothing about it."""
    endpoint = make_endpoint()
    endpoint.record_rate_limit(sent_at=0.0, now=0.0, retry_after=0)
    endpoint.in_flight = 1
    endpoint.record_success()
    assert endpoint.limit == 8


def test_retry_after_pauses_the_endpoint() -> None:
    """No request is admitted before the time that the server named."""
    endpoint = make_endpoint()
    endpoint.record_rate_limit(sent_at=0.0, now=1.0, retry_after=60.0)
    assert not endpoint.has_room(now=60.9)
    assert endpoint.has_room(now=61.0)


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    """The longest pause that the server asked for holds."""
    endpoint = make_endpoint()
    endpoint.record_rate_limit(sent_at=0.0, now=1.0, retry_after=60.0)
    endpoint.record_rate_limit(sent_at=0.0, now=2.0, retry_after=0.0)
    assert endpoint.paused_until == 61.0


@given(st.integers(1, 40))
@example(1100)
def test_pause_without_retry_after_is_random_and_bounded(rate_limits: int) -> None:
    """The bound starts at half a second, doubles with each rate limit and never exceeds 30 seconds."""
    endpoint, now = make_endpoint(), 0.0
    for _ in range(rate_limits):
        endpoint.record_rate_limit(sent_at=now, now=now, retry_after=None)
        pause, before = endpoint.paused_until - now, now
        now = endpoint.paused_until + 1e-9
    assert 0 <= pause <= min(30.0, 0.5 * 2 ** min(rate_limits - 1, 10)) + 1e-6
    assert now > before


def test_three_failures_in_a_row_take_an_endpoint_down() -> None:
    """A success in between restarts the count, and a success takes the endpoint up again."""
    endpoint = make_endpoint()
    assert [endpoint.record_failure(), endpoint.record_failure()] == [False, False]
    endpoint.record_success()
    assert [endpoint.record_failure() for _ in range(3)] == [False, False, True]
    endpoint.record_success()
    assert not endpoint.down


def test_after_a_probe_one_failure_is_enough() -> None:
    """A server that answers probes and nothing else is soon down again."""
    endpoint = make_endpoint()
    endpoint.record_unreachable()
    endpoint.record_probe()
    assert not endpoint.down
    assert endpoint.record_failure()
