"""Admits requests in order, each as soon as its worst case fits into the budget."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ...agents.models.base import ModelReply, ModelRequest
from ...agents.models.tariff import Cost
from ..calls.retry import Payment
from ..config.budget_settings import Limit
from .ledger import Ledger


class _Waiting(NamedTuple):
    future: asyncio.Future[Payment | None]
    role: str
    cost: Cost
    lost: Cost
    """Cost if no reply tells what the request has cost."""
    max_seconds: float


class BudgetGate:
    """Admits requests as long as `ledger` can pay for them.

    A request that does not fit waits, because those under way may cost less than was reserved for them. If
    it does not fit and none is under way, the budget has ended: `on_end` is called with the limit, and no
    further request is admitted. `elapsed` returns the seconds that the run has taken.
    """

    def __init__(self, ledger: Ledger, elapsed: Callable[[], float], on_end: Callable[[Limit], None]) -> None:
        self.ledger = ledger
        self._elapsed = elapsed
        self._on_end = on_end
        self._queue: deque[_Waiting] = deque()
        self.ended = False
        """True if no further request is admitted."""

    async def pay(self, role: str, request: ModelRequest, max_seconds: float) -> Payment | None:
        """Reserve the possible cost of a request of `role`; return None if the budget has ended.

        `max_seconds` is the number of seconds that the reply may take.
        """
        if not self.ledger.limited:
            return Payment()
        if self.ended:
            return None
        future: asyncio.Future[Payment | None] = asyncio.get_running_loop().create_future()
        most, lost = self.ledger.tariff(role).bounds(request)
        self._queue.append(_Waiting(future, role, most, lost, max_seconds))
        self._serve()
        return await future

    def close(self) -> None:
        """Admit no further request, because the log says that the budget has ended."""
        self.ended = True

    def release(self) -> None:
        """Release the amounts held back and kept, because only requests of a final comparison are left."""
        self.ledger.held_back, self.ledger.seconds_held_back, self.ledger.kept = Cost(), 0.0, {}
        self.ended = False

    def paid(self, reserved: Cost, spent: Cost) -> None:
        """Settle a request that has ended, and admit the waiting ones that fit now."""
        self.ledger.settle(reserved, spent)
        self._serve()

    def left(self) -> float | None:
        """Return the seconds that a request may take from now on; None without such a limit."""
        most = self.ledger.limits.get("seconds")
        return None if most is None else most - self.ledger.seconds_held_back - self._elapsed()

    def expire(self) -> None:
        """End the budget after a request has used up its seconds, unless some were released meanwhile."""
        if not self.ended and (self.left() or 0.0) <= 0.0:
            self.end("seconds")

    def _serve(self) -> None:
        while self._queue:
            first = self._queue[0]
            if first.future.done():  # The waiting request was cancelled.
                self._queue.popleft()
                continue
            limit = self.ledger.lacking(first.cost, self._elapsed(), first.max_seconds)
            if limit is None:
                self._queue.popleft()
                self.ledger.reserve(first.cost)
                first.future.set_result(_Reserved(self, first.role, first.cost, first.lost, self.left()))
            elif limit != "seconds" and self.ledger.reserved.calls:
                return
            else:
                self.end(limit)

    def lacking(self, cost: Cost) -> Limit | None:
        """Return the limit that another `cost` might break now; None if it fits."""
        return self.ledger.lacking(cost, self._elapsed(), 0.0)

    def end(self, limit: Limit) -> None:
        """Admit no further request: `limit` is reached."""
        self.ended = True
        self._on_end(limit)
        while self._queue:
            future = self._queue.popleft().future
            if not future.done():
                future.set_result(None)


class _Reserved(Payment):
    """The reserved cost of one request of `role`, and the seconds that it may take from now on."""

    def __init__(self, gate: BudgetGate, role: str, cost: Cost, lost: Cost, seconds: float | None) -> None:
        self._gate, self._role, self._cost, self._lost = gate, role, cost, lost
        self._deadline = None if seconds is None else time.monotonic() + seconds

    @property
    def seconds(self) -> float | None:
        return None if self._deadline is None else self._deadline - time.monotonic()

    def settle(self, reply: ModelReply) -> None:
        self._gate.paid(self._cost, self._gate.ledger.tariff(self._role).exact(reply))

    def fail(self, *, sent: bool, billed: bool) -> None:
        self._gate.paid(self._cost, self._lost if billed else Cost(calls=int(sent)))

    def expire(self) -> None:
        self._gate.paid(self._cost, self._lost)
        self._gate.expire()
