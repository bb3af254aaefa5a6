"""Time of the events of a log.

The wall clock is read once, when a log is opened; after that the time advances with the monotonic clock. A
wall clock that is set while a run is under way therefore changes neither the running time nor the budget.
"""

from collections.abc import Callable
from time import monotonic_ns, time_ns

Clock = Callable[[], int]
"""Returns the time in microseconds since 1970 (UTC)."""


class SteadyClock:
    """Clock that starts at the wall time and advances monotonically. Both sources return nanoseconds."""

    def __init__(self, wall: Callable[[], int] = time_ns, ticks: Callable[[], int] = monotonic_ns) -> None:
        self._ticks = ticks
        self._offset = wall() - ticks()

    def __call__(self) -> int:
        """Return the time in microseconds since 1970."""
        return (self._offset + self._ticks()) // 1000


class ForwardClock:
    """Clock that never returns an earlier time than the events before.

    If its source is behind, the difference is added from then on, so that the time between two later events
    stays right.
    """

    def __init__(self, source: Clock) -> None:
        self._source = source
        self._ahead = 0
        self.earliest = 0
        """Time before which no event of this process can be, whichever its run."""

    def after(self, last: int) -> int:
        """Return the present time. It is not before `last`, the time of the last event of the run."""
        earliest = max(last, self.earliest)
        now = self._source() + self._ahead
        if now < earliest:
            self._ahead += earliest - now
            return earliest
        return now
