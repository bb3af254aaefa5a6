"""A semaphore that admits waiting calls by rank."""

import asyncio
import heapq
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count


class PrioritySemaphore:
    """The slots of one model, for all roles that share it.

    The smallest `rank` is admitted first, and equal ranks in the order of arrival. So the few proposals
    and judgements, on which much depends, overtake the many evaluations.
    """

    def __init__(self, slots: int) -> None:
        self._free = slots
        self._arrivals = count()
        self._queue: list[tuple[int, int, asyncio.Future[None]]] = []

    @asynccontextmanager
    async def hold(self, rank: int) -> AsyncIterator[None]:
        """Wait for a slot and hold it."""
        await self._acquire(rank)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, rank: int) -> None:
        if self._free:
            self._free -= 1
            return
        admitted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queue, (rank, next(self._arrivals), admitted))
        try:
            await admitted
        except asyncio.CancelledError:
            # The slot may have been handed over just before the cancellation.
            if admitted.done() and not admitted.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        while self._queue:
            _, _, admitted = heapq.heappop(self._queue)
            if not admitted.done():
                admitted.set_result(None)
                return
        self._free += 1
