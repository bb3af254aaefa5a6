"""One base URL: its limit, its pauses, and when it counts as down."""

from hypothesis import given
from hypothesis import strategies as st

from transfer_prompting.agents.models.openai.endpoint import Endpoint


def endpoint(ceiling: int = 16) -> Endpoint:
    """Return a fresh endpoint."""
    return Endpoint("http://a/v1", "http://a/v1", ceiling)


def test_one_burst_of_refusals_halves_the_limit_once() -> None:
    """Requests that were under way together are one sign of overload, not sixteen."""
    one = endpoint()
    for _ in range(16):
        one.refused(began=1.0, now=2.0, wait=None)
    assert one.limit == 8


def test_refusals_of_later_requests_halve_it_again() -> None:
    """A request sent after a cut that is refused too cuts again, down to one."""
    one = endpoint()
    for second in range(10):
        one.refused(began=second, now=second + 0.5, wait=0)
    assert one.limit == 1


def test_limit_grows_by_about_one_for_a_full_round() -> None:
    """Successes at the limit bring it back, one request a round, no further than the ceiling."""
    one = endpoint(ceiling=6)
    one.refused(began=0.0, now=0.0, wait=0)
    assert one.limit == 3
    one.in_flight = 3
    for _ in range(3):
        one.succeeded()
    assert 3.9 < one.limit <= 4
    for _ in range(100):
        one.in_flight = int(one.limit)
        one.succeeded()
    assert one.limit == 6


def test_limit_does_not_grow_while_it_is_not_used() -> None:
    """A success far below the limit says nothing about it."""
    one = endpoint()
    one.refused(began=0.0, now=0.0, wait=0)
    one.in_flight = 1
    one.succeeded()
    assert one.limit == 8


def test_pause_is_what_the_server_asks_for_and_of_all_its_requests() -> None:
    """No request is let in before the time that the server named."""
    one = endpoint()
    one.refused(began=0.0, now=1.0, wait=60.0)
    assert not one.is_free(now=60.9)
    assert one.is_free(now=61.0)


def test_a_shorter_wait_does_not_end_a_longer_one() -> None:
    """The longest wait asked for holds."""
    one = endpoint()
    one.refused(began=0.0, now=1.0, wait=60.0)
    one.refused(began=0.0, now=2.0, wait=0.0)
    assert one.paused_until == 61.0


@given(st.integers(1, 40))
def test_pause_without_a_hint_is_random_and_bounded(refusals: int) -> None:
    """It is between nothing and twice the last bound, and never beyond half a minute."""
    one, now = endpoint(), 0.0
    for _ in range(refusals):
        one.refused(began=now, now=now, wait=None)
        longest, before = one.paused_until - now, now
        now = one.paused_until + 1e-9
    assert 0 <= longest <= min(30.0, 0.5 * 2 ** (refusals - 1)) + 1e-6
    assert now > before


def test_three_failures_in_a_row_take_it_down() -> None:
    """A success in between starts the count again, and ends a time of being down."""
    one = endpoint()
    assert [one.failed(), one.failed()] == [False, False]
    one.succeeded()
    assert [one.failed(), one.failed(), one.failed()] == [False, False, True]
    one.succeeded()
    assert not one.down


def test_after_a_probe_one_failure_is_enough() -> None:
    """A server that answers probes and nothing else is soon left out again."""
    one = endpoint()
    one.lost()
    one.returned()
    assert not one.down
    assert one.failed()
