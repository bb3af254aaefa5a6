"""One base URL: how many requests it takes at a time, when it wants to be left alone, whether it is up."""

import random

_FIRST_PAUSE = 0.5  # seconds; doubles with each refusal in a row
_LONGEST_PAUSE = 30.0
_FAILURES_TO_BE_DOWN = 3


class Endpoint:
    """The state of one base URL. Times are seconds of one monotonic clock, passed in as `now`.

    The limit grows by one request for each full round of successes and is halved by a refusal (additive
    increase, multiplicative decrease); it stays between 1 and `ceiling`.
    """

    def __init__(self, url: str, shown_url: str, ceiling: int) -> None:
        self.url = url
        self.shown_url = shown_url
        """The address without anything that may be secret."""
        self.in_flight = 0
        self.limit = float(ceiling)
        self.paused_until = 0.0
        self.down = False
        self._ceiling = ceiling
        self._refusals = 0
        self._failures = 0
        self._cut_at = 0.0

    def __repr__(self) -> str:
        return f"Endpoint({self.shown_url!r})"

    def is_free(self, now: float) -> bool:
        """Whether it takes one more request at this moment."""
        return self.in_flight < int(self.limit) and self.paused_until <= now

    def succeeded(self) -> None:
        """A request was answered."""
        if self.in_flight >= int(self.limit):
            self.limit = min(self._ceiling, self.limit + 1 / self.limit)
        self._refusals = self._failures = 0
        self.down = False

    def refused(self, began: float, now: float, wait: float | None) -> None:
        """A request sent at `began` met a limit; the endpoint asked to `wait` so many seconds, or did not.

        Only one cut for all requests that were under way together: they say the same thing once each.
        """
        if began >= self._cut_at or not self._refusals:
            self._cut_at = now
            self._refusals += 1
            self.limit = max(1.0, self.limit / 2)
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** (self._refusals - 1))
        jitter = 0.0 if self.paused_until > now else random.uniform(0, longest)
        self.paused_until = max(self.paused_until, now + max(jitter, wait or 0.0))

    def failed(self) -> bool:
        """A request failed and it may be the endpoint's fault; returns whether it counts as down now."""
        self._failures += 1
        self.down = self._failures >= _FAILURES_TO_BE_DOWN
        return self.down

    def lost(self) -> None:
        """No connection could be made."""
        self._failures = _FAILURES_TO_BE_DOWN
        self.down = True

    def returned(self) -> None:
        """A probe was answered; one more failure before the first success takes it down again."""
        self._failures = _FAILURES_TO_BE_DOWN - 1
        self.down = False
