"""How many calls a model gets at a time, and which of those that wait comes next."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class PrioritySemaphore:
    """The slots of one model, for all roles that share it.

    The smallest `rank` comes first, and of equals whoever came first: many evaluations wait for the few
    proposals and judgements that are to come before them, and not the other way round.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._numbers = count()
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def hold(self, rank: int) -> AsyncIterator[None]:
        """Wait for a slot and keep it."""
        await self._enter(rank)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, rank: int) -> None:
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (rank, next(self._numbers), turn))
        try:
            await turn
        except asyncio.CancelledError:
            # It may have been given the slot in the same moment.
            if turn.done() and not turn.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._queue:
            _, _, turn = heapq.heappop(self._queue)
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
