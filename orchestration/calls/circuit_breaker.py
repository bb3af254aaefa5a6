"""The circuit breaker of one model: it tells failures of single requests from a dead backend."""

import asyncio
from collections.abc import Awaitable, Callable

LIMIT = 8
"""Number of calls that must fail in a row before the backend is probed."""


class CircuitBreaker:
    """Holds failed calls back until it is known whether the backend is alive.

    A failed call waits in `is_alive`. A success of any other call shows that the backend is alive: then the
    failure belongs to the call. If `LIMIT` calls in a row have failed, or if no call is left that could
    succeed, `probe` is awaited. If it returns False the backend is dead.
    """

    def __init__(self, probe: Callable[[], Awaitable[bool]]) -> None:
        self._probe = probe
        self._open = 0
        self._failures = 0
        self._held: list[asyncio.Future[bool]] = []
        self._probing: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Note that a call was sent to the backend."""
        self._open += 1

    def end(self, *, success: bool) -> None:
        """Note the outcome of a call that began."""
        self._open -= 1
        if success:
            self._decide(alive=True)
        self._probe_if_due()

    async def is_alive(self) -> bool:
        """Note that a call failed; return whether the backend is alive, as soon as that is known."""
        self._failures += 1
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._held.append(future)
        self._probe_if_due()
        return await future

    def close(self) -> None:
        """Cancel a probe under way."""
        if self._probing is not None:
            self._probing.cancel()

    def _probe_if_due(self) -> None:
        self._held = [future for future in self._held if not future.done()]
        if not self._held or self._probing is not None:
            return
        if self._failures >= LIMIT or len(self._held) >= self._open:
            self._probing = asyncio.get_running_loop().create_task(self._run_probe())

    async def _run_probe(self) -> None:
        alive = await self._probe()
        self._probing = None
        self._decide(alive=alive)

    def _decide(self, *, alive: bool) -> None:
        self._failures = 0
        held, self._held = self._held, []
        for future in held:
            if not future.done():
                future.set_result(alive)
