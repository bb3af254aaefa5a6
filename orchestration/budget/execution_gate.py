"""Admits executions of programs, so that those under way can be paid for to their end."""

import asyncio
from collections import deque

from .execution_costs import ExecutionCosts
from .gate import BudgetGate


class ExecutionGate:
    """Admits an execution if the budget covers the dearest one so far for it and for each under way.

    This saves work that the budget could not finish; that nothing is overspent follows from `gate`, which
    each call passes. If an execution does not fit while others are under way, it waits, because they may
    cost less. If none is, the budget has ended.
    """

    def __init__(self, gate: BudgetGate, costs: ExecutionCosts) -> None:
        self._gate = gate
        self._costs = costs
        self._open = 0
        self._queue: deque[asyncio.Future[bool]] = deque()

    async def begin(self) -> bool:
        """Wait until an execution may begin; return False if the budget has ended."""
        if not self._gate.ledger.limited:
            return True
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._queue.append(future)
        self._serve()
        return await future

    def end(self) -> None:
        """Note that an execution has ended, and admit waiting ones."""
        self._open = max(0, self._open - 1)
        self._serve()

    def left(self) -> float | None:
        """Return the seconds that an execution may take from now on; None without such a limit."""
        return self._gate.left()

    def expire(self) -> None:
        """End the budget after an execution has used up its seconds, unless some were released meanwhile."""
        self._gate.expire()

    def _serve(self) -> None:
        while self._queue:
            first = self._queue[0]
            if first.done():  # The waiting execution was cancelled.
                self._queue.popleft()
                continue
            limit = None if self._gate.ended else self._gate.lacking(self._costs.most * (self._open + 1))
            if limit is not None and self._open:
                return
            if limit is not None:
                self._gate.end(limit)
            self._queue.popleft()
            admitted = not self._gate.ended
            self._open += admitted
            first.set_result(admitted)
