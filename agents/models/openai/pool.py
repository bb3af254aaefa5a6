"""Which of several base URLs a request goes to, and when: first come, first served, least loaded first."""

import asyncio
import heapq
from collections import OrderedDict
from collections.abc import Sequence
from itertools import count

from ..base import ModelError
from .endpoint import Endpoint
from .errors import rate_limit_failure

_AFFINITY_SLACK = 4
"""How many requests more than the least loaded an endpoint may have to be preferred for its warm cache."""
_REMEMBERED_KEYS = 1024


class Ticket:
    """A request's place in the queue, which it keeps if it must be sent again."""

    def __init__(self, number: int, affinity: int) -> None:
        self.number = number
        self.affinity = affinity
        self.lost: dict[Endpoint, str] = {}
        """The endpoints that could not be reached for this request, and why."""
        self.blocked_since: float | None = None
        self.admitted: asyncio.Future[Endpoint] | None = None

    def __lt__(self, other: "Ticket") -> bool:
        return self.number < other.number


class Pool:
    """Admits requests to endpoints. Lives in one event loop.

    A request waits while every endpoint it could use is at its limit, and at most `max_wait` seconds while
    all of them want to be left alone.
    """

    def __init__(self, endpoints: Sequence[Endpoint], max_wait: float) -> None:
        self.endpoints = tuple(endpoints)
        self._max_wait = max_wait
        self._numbers = count()
        self._queue: list[Ticket] = []
        self._homes: OrderedDict[int, Endpoint] = OrderedDict()
        self._alarm: asyncio.TimerHandle | None = None

    def ticket(self, affinity: int) -> Ticket:
        """Return the place of a new request. Requests of equal `affinity` share the beginning of a prompt."""
        return Ticket(next(self._numbers), affinity)

    async def enter(self, ticket: Ticket) -> Endpoint:
        """Return the endpoint to send the request to; `leave` it afterwards.

        Raises `ModelError` ("rate_limit") where the endpoints' pauses outlast `max_wait`.
        """
        if not self._queue:
            endpoint = self._choose(ticket, _now())
            if endpoint is not None:
                endpoint.in_flight += 1
                return endpoint
        admitted: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()
        ticket.admitted = admitted
        heapq.heappush(self._queue, ticket)
        self.admit()
        try:
            return await admitted
        except asyncio.CancelledError:
            self._forget(ticket)
            raise

    def leave(self, endpoint: Endpoint) -> None:
        """The request that `enter` admitted has ended."""
        endpoint.in_flight -= 1
        self.admit()

    def admit(self) -> None:
        """Let those in for whom there is room now, in the order of their tickets."""
        if not self._queue:
            return
        now = _now()
        while self._queue:
            ticket = self._queue[0]
            assert ticket.admitted is not None
            if ticket.admitted.done():  # cancelled, and not yet told
                heapq.heappop(self._queue)
                continue
            endpoint = self._choose(ticket, now)
            if endpoint is None and not self._is_hopeless(ticket, now):
                return
            heapq.heappop(self._queue)
            if endpoint is None:
                ticket.admitted.set_exception(self._refusal(now, ticket))
            else:
                endpoint.in_flight += 1
                ticket.admitted.set_result(endpoint)

    def close(self) -> None:
        """Stop the clock."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _choose(self, ticket: Ticket, now: float) -> Endpoint | None:
        usable = self._usable(ticket)
        if len(usable) == 1:
            return usable[0] if usable[0].is_free(now) else None
        free = [endpoint for endpoint in usable if endpoint.is_free(now)]
        if not free:
            return None
        chosen = min(free, key=lambda endpoint: endpoint.in_flight)
        home = self._homes.get(ticket.affinity)
        if home is not None and home in free and home.in_flight <= chosen.in_flight + _AFFINITY_SLACK:
            chosen = home
        self._homes[ticket.affinity] = chosen
        self._homes.move_to_end(ticket.affinity)
        if len(self._homes) > _REMEMBERED_KEYS:
            self._homes.popitem(last=False)
        return chosen

    def _usable(self, ticket: Ticket) -> Sequence[Endpoint]:
        if len(self.endpoints) == 1:
            return self.endpoints
        untried = [endpoint for endpoint in self.endpoints if endpoint not in ticket.lost]
        # Where all are down, the request itself finds out whether one is back.
        return [endpoint for endpoint in untried if not endpoint.down] or untried

    def _is_hopeless(self, ticket: Ticket, now: float) -> bool:
        """Whether a pause will outlast `max_wait`; sets the clock for the end of the pause."""
        opens_at = min(endpoint.paused_until for endpoint in self._usable(ticket))
        if opens_at <= now:
            return False  # No pause but a full house: who leaves it lets the next one in.
        for waiting in self._queue:
            if waiting.blocked_since is None:
                waiting.blocked_since = now
        assert ticket.blocked_since is not None
        self._wake_at(opens_at)
        return opens_at > ticket.blocked_since + self._max_wait

    def _wake_at(self, when: float) -> None:
        self.close()
        self._alarm = asyncio.get_running_loop().call_at(when, self.admit)

    def _refusal(self, now: float, ticket: Ticket) -> ModelError:
        usable = self._usable(ticket)
        soonest = min(usable, key=lambda endpoint: endpoint.paused_until)
        assert ticket.blocked_since is not None
        waited = now - ticket.blocked_since
        return rate_limit_failure(soonest.shown_url, waited, soonest.paused_until - now, self._max_wait)

    def _forget(self, ticket: Ticket) -> None:
        """A cancelled request gives up its place in the queue, or the room it was just given."""
        admitted = ticket.admitted
        if admitted is not None and admitted.done() and not admitted.cancelled():
            if admitted.exception() is None:
                self.leave(admitted.result())
        elif ticket in self._queue:
            self._queue.remove(ticket)
            heapq.heapify(self._queue)
            self.admit()


def _now() -> float:
    return asyncio.get_running_loop().time()
