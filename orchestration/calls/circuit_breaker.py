"""The circuit breaker of one model: whether its failures are those of single requests, or its own death."""

import asyncio
from collections.abc import Awaitable, Callable

LIMIT = 8
"""So many calls in a row that fail, without a success between, put a backend under suspicion."""


class CircuitBreaker:
    """Holds failures back until it is known what they mean.

    A failed call waits in `verdict`. A success of any other call shows that the backend lives: then the
    failure is the call's own. Where `LIMIT` calls in a row have failed, or none is left that could succeed,
    `probe` asks; if that fails as well the backend is dead, and failures mean nothing.
    """

    def __init__(self, probe: Callable[[], Awaitable[bool]]) -> None:
        self._probe = probe
        self._open = 0
        self._failures = 0
        self._held: list[asyncio.Future[bool]] = []
        self._probing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """A call is on its way to the backend."""
        self._open += 1

    def end(self, *, success: bool) -> None:
        """A call that began has its outcome, for good or ill."""
        self._open -= 1
        if success:
            self._decide(alive=True)
        self._suspect()

    async def verdict(self) -> bool:
        """A call has failed; returns whether the backend lives, as soon as that is known."""
        self._failures += 1
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._held.append(future)
        self._suspect()
        return await future

    def close(self) -> None:
        """Nobody needs a verdict any more."""
        if self._probing is not None:
            self._probing.cancel()

    def _suspect(self) -> None:
        self._held = [future for future in self._held if not future.done()]
        if not self._held or self._probing is not None:
            return
        if self._failures >= LIMIT or len(self._held) >= self._open:
            self._probing = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        alive = await self._probe()
        self._probing = None
        self._decide(alive=alive)

    def _decide(self, *, alive: bool) -> None:
        self._failures = 0
        held, self._held = self._held, []
        for future in held:
            if not future.done():
                future.set_result(alive)
