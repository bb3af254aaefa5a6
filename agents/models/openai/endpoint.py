"""The state of one base URL: its concurrency limit, its pause, and whether it is down."""

from ..backoff import RATE_LIMIT_WAIT, seconds_before

_FAILURES_UNTIL_DOWN = 3


class Endpoint:
    """One base URL and its state. Times are seconds of one monotonic clock.

    The limit grows by one request for each full round of successes and is halved by a rate limit (additive
    increase, multiplicative decrease). It stays between 1 and `ceiling`.
    """

    def __init__(self, url: str, shown_url: str, ceiling: int) -> None:
        self.url = url
        self.shown_url = shown_url
        """The address without any part that may be secret."""
        self.refused: frozenset[str] = frozenset()
        """Parts of requests that the server refuses, as `chat_payload` takes them."""
        self.guesses_help = True
        """False once leaving out all parts that can be left out has not helped."""
        self.in_flight = 0
        self.limit = float(ceiling)
        self.paused_until = 0.0
        self.down = False
        self._ceiling = ceiling
        self._rate_limits = 0
        self._failures = 0
        self._halved_at = 0.0

    def __repr__(self) -> str:
        return f"Endpoint({self.shown_url!r})"

    def has_room(self, now: float) -> bool:
        """Return True if the endpoint can take one more request now."""
        return self.in_flight < int(self.limit) and self.paused_until <= now

    def record_success(self) -> None:
        """Raise the limit if it was reached, and forget earlier failures."""
        if self.in_flight >= int(self.limit):
            self.limit = min(self._ceiling, self.limit + 1 / self.limit)
        self._rate_limits = self._failures = 0
        self.down = False

    def record_rate_limit(self, sent_at: float, now: float, retry_after: float | None) -> None:
        """Halve the limit and pause, for at least the `retry_after` seconds that the endpoint asked for.

        The limit is halved once for all requests that were in flight together: they report the same overload.
        """
        if sent_at >= self._halved_at or not self._rate_limits:
            self._halved_at = now
            self._rate_limits += 1
            self.limit = max(1.0, self.limit / 2)
        paused = self.paused_until > now
        back_off = 0.0 if paused else seconds_before(self._rate_limits, RATE_LIMIT_WAIT)
        self.paused_until = max(self.paused_until, now + max(back_off, retry_after or 0.0))

    def record_failure(self) -> bool:
        """Count a failure that may be the endpoint's fault; return True if the endpoint is now down."""
        self._failures += 1
        self.down = self._failures >= _FAILURES_UNTIL_DOWN
        return self.down

    def record_unreachable(self) -> None:
        """Mark the endpoint as down, because no connection could be made."""
        self._failures = _FAILURES_UNTIL_DOWN
        self.down = True

    def record_probe(self) -> None:
        """Mark the endpoint as up after an answered probe.

        One more failure before the first success takes it down again.
        """
        self._failures = _FAILURES_UNTIL_DOWN - 1
        self.down = False
