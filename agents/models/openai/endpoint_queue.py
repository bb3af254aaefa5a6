"""A queue that admits requests to endpoints: first come, first served, least loaded endpoint first."""

import asyncio
import heapq
from collections import OrderedDict
from collections.abc import Sequence
from itertools import count

from ..base import ModelError
from .endpoint import Endpoint
from .errors import rate_limit_failure

_AFFINITY_SLACK = 4
"""Number of requests by which an endpoint may exceed the least loaded one and still be preferred for its
warm prefix cache."""
_REMEMBERED_AFFINITIES = 1024


class QueuedRequest:
    """The place of a request in the queue. The request keeps it if it must be sent again."""

    def __init__(self, number: int, affinity: int) -> None:
        self.number = number
        self.affinity = affinity
        self.unreachable: dict[Endpoint, str] = {}
        """Endpoints that could not be reached for this request, and the reasons."""
        self.blocked_since: float | None = None
        self.admission: asyncio.Future[Endpoint] | None = None

    def __lt__(self, other: "QueuedRequest") -> bool:
        return self.number < other.number


class EndpointQueue:
    """Admits requests to endpoints. Lives in one event loop.

    A request waits while every endpoint that it could use is at its limit, and at most `max_wait` seconds
    while all of them are paused.
    """

    def __init__(self, endpoints: Sequence[Endpoint], max_wait: float) -> None:
        self.endpoints = tuple(endpoints)
        self._max_wait = max_wait
        self._numbers = count()
        self._waiting: list[QueuedRequest] = []
        self._last_used: OrderedDict[int, Endpoint] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None

    def new_request(self, affinity: int) -> QueuedRequest:
        """Return the place of a new request. Requests of equal `affinity` share the beginning of a prompt."""
        return QueuedRequest(next(self._numbers), affinity)

    async def acquire(self, request: QueuedRequest) -> Endpoint:
        """Return the endpoint to send the request to, which the caller must `release` afterwards.

        Raises `ModelError` ("rate_limit") if the endpoints' pauses outlast `max_wait`.
        """
        if not self._waiting:
            endpoint = self._choose(request, _now())
            if endpoint is not None:
                endpoint.in_flight += 1
                return endpoint
        admission: asyncio.Future[Endpoint] = asyncio.get_running_loop().create_future()
        request.admission = admission
        heapq.heappush(self._waiting, request)
        self.admit()
        try:
            return await admission
        except asyncio.CancelledError:
            self._withdraw(request)
            raise

    def release(self, endpoint: Endpoint) -> None:
        """Give back the room of a request that `acquire` admitted."""
        endpoint.in_flight -= 1
        self.admit()

    def admit(self) -> None:
        """Admit waiting requests in their order while there is room."""
        if not self._waiting:
            return
        now = _now()
        while self._waiting:
            request = self._waiting[0]
            assert request.admission is not None
            if request.admission.done():  # Cancelled, but its task has not run yet.
                heapq.heappop(self._waiting)
                continue
            endpoint = self._choose(request, now)
            if endpoint is None and not self._exceeds_max_wait(request, now):
                return
            heapq.heappop(self._waiting)
            if endpoint is None:
                request.admission.set_exception(self._rate_limit_failure(request, now))
            else:
                endpoint.in_flight += 1
                request.admission.set_result(endpoint)

    def close(self) -> None:
        """Cancel the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _choose(self, request: QueuedRequest, now: float) -> Endpoint | None:
        usable = self._usable(request)
        if len(usable) == 1:
            return usable[0] if usable[0].has_room(now) else None
        free = [endpoint for endpoint in usable if endpoint.has_room(now)]
        if not free:
            return None
        chosen = min(free, key=lambda endpoint: endpoint.in_flight)
        warm = self._last_used.get(request.affinity)
        if warm is not None and warm in free and warm.in_flight <= chosen.in_flight + _AFFINITY_SLACK:
            chosen = warm
        self._last_used[request.affinity] = chosen
        self._last_used.move_to_end(request.affinity)
        if len(self._last_used) > _REMEMBERED_AFFINITIES:
            self._last_used.popitem(last=False)
        return chosen

    def _usable(self, request: QueuedRequest) -> Sequence[Endpoint]:
        if len(self.endpoints) == 1:
            return self.endpoints
        untried = [endpoint for endpoint in self.endpoints if endpoint not in request.unreachable]
        # If all are down, the request itself finds out whether one is up again.
        return [endpoint for endpoint in untried if not endpoint.down] or untried

    def _exceeds_max_wait(self, request: QueuedRequest, now: float) -> bool:
        """Return True if a pause will outlast `max_wait`; set the timer to the end of the pause."""
        opens_at = min(endpoint.paused_until for endpoint in self._usable(request))
        if opens_at <= now:
            return False  # Not paused, but at its limit: the next release admits the request.
        for waiting in self._waiting:
            if waiting.blocked_since is None:
                waiting.blocked_since = now
        assert request.blocked_since is not None
        self._admit_at(opens_at)
        return opens_at > request.blocked_since + self._max_wait

    def _admit_at(self, time: float) -> None:
        self.close()
        self._timer = asyncio.get_running_loop().call_at(time, self.admit)

    def _rate_limit_failure(self, request: QueuedRequest, now: float) -> ModelError:
        endpoint = min(self._usable(request), key=lambda endpoint: endpoint.paused_until)
        assert request.blocked_since is not None
        waited = now - request.blocked_since
        return rate_limit_failure(endpoint.shown_url, waited, endpoint.paused_until - now, self._max_wait)

    def _withdraw(self, request: QueuedRequest) -> None:
        """Give up the place of a cancelled request, or the room that it has just been given."""
        admission = request.admission
        if admission is not None and admission.done() and not admission.cancelled():
            if admission.exception() is None:
                self.release(admission.result())
        elif request in self._waiting:
            self._waiting.remove(request)
            heapq.heapify(self._waiting)
            self.admit()


def _now() -> float:
    return asyncio.get_running_loop().time()
