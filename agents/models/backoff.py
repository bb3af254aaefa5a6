"""Pauses between attempts: exponential back-off with jitter, in seconds.

Only tenacity's wait strategies are used, not its retry loop: all requests to one base URL share its pause,
and the loop alone costs a tenth of what a request does.
"""

from tenacity import AsyncRetrying, RetryCallState, wait_exponential, wait_random_exponential
from tenacity.wait import wait_base

RATE_LIMIT_WAIT: wait_base = wait_random_exponential(multiplier=0.5, max=30)
"""After the n-th rate limit in a row: between 0 and 0.5, 1, 2, ... seconds, and never more than 30."""
PROBE_WAIT: wait_base = wait_exponential(multiplier=0.5, max=15) + wait_random_exponential(
    multiplier=0.5, max=15
)
"""Before the n-th probe: between half of and the whole of 1, 2, 4, ... seconds, and never more than 30."""


def seconds_before(attempt: int, wait: wait_base) -> float:
    """Return the pause before an attempt, which is counted from 1."""
    state = RetryCallState(retry_object=AsyncRetrying(), fn=None, args=(), kwargs={})
    state.attempt_number = attempt
    return wait(state)
