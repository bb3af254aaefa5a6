"""Where every request is paid before it is sent: in order, each once its worst case fits into the budget."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ..agents.models.base import ModelReply, ModelRequest
from .attempts import Payment
from .budget import Cost, Ledger, Limit


class _Waiting(NamedTuple):
    future: asyncio.Future[Payment | None]
    role: str
    cost: Cost
    longest: float


class Till:
    """Lets requests through as far as `ledger` can pay them.

    A request that does not fit waits, since those under way may cost less than was reserved for them. Where
    none is under way and it still does not fit, the budget has ended: `on_end` is told which limit it was,
    and nobody is let through any more. `elapsed` gives the seconds that the run has taken.
    """

    def __init__(self, ledger: Ledger, elapsed: Callable[[], float], on_end: Callable[[Limit], None]) -> None:
        self.ledger = ledger
        self._elapsed = elapsed
        self._on_end = on_end
        self._queue: deque[_Waiting] = deque()
        self._ended = False

    async def pay(self, role: str, request: ModelRequest, longest: float) -> Payment | None:
        """Reserve what a request of `role` may cost; None once the budget has ended.

        `longest` is how many seconds the reply may take.
        """
        if not self.ledger.limited:
            return Payment()
        if self._ended:
            return None
        future: asyncio.Future[Payment | None] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(future, role, self.ledger.tariff(role).most(request), longest))
        self._serve()
        return await future

    def close(self) -> None:
        """Let nobody through any more: the log says that the budget has ended."""
        self._ended = True

    def release(self) -> None:
        """Give what was held back to whoever pays next: only the final comparison is left."""
        self.ledger.held_back, self.ledger.seconds_held_back = Cost(), 0.0
        self._ended = False

    def paid(self, role: str, reserved: Cost, reply: ModelReply | None, *, lost: bool) -> None:
        """A request has come to its end; whoever waits may fit now."""
        spent = Cost(calls=1)
        if reply is not None:
            spent = self.ledger.tariff(role).exact(reply)
        elif lost:
            spent = reserved
        self.ledger.settle(reserved, spent)
        self._serve()

    def _serve(self) -> None:
        while self._queue:
            first = self._queue[0]
            if first.future.done():  # Whoever waited was cancelled.
                self._queue.popleft()
                continue
            limit = self.ledger.lacking(first.cost, self._elapsed(), first.longest)
            if limit is None:
                self._queue.popleft()
                self.ledger.reserve(first.cost)
                first.future.set_result(_Reserved(self, first.role, first.cost))
            elif limit != "seconds" and self.ledger.reserved.calls:
                return
            else:
                self._end(limit)

    def _end(self, limit: Limit) -> None:
        self._ended = True
        self._on_end(limit)
        while self._queue:
            future = self._queue.popleft().future
            if not future.done():
                future.set_result(None)


class _Reserved(Payment):
    """What one request of `role` may cost, put aside."""

    def __init__(self, till: Till, role: str, cost: Cost) -> None:
        self._till, self._role, self._cost = till, role, cost

    def settle(self, reply: ModelReply | None, *, lost: bool) -> None:
        self._till.paid(self._role, self._cost, reply, lost=lost)
