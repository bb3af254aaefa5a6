"""Batching of requests: first in, first out, one batch at a time."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ..base import ModelError, ModelReply, ModelRequest

ReplyOrError = ModelReply | ModelError
Compute = Callable[[Sequence[ModelRequest], Callable[[], bool]], list[ReplyOrError]]

# Number of turns of the event loop without a new request before a batch is taken: a caller that is woken by
# a reply may be a few awaits away from its next request.
_QUIET_TURNS = 5


class Batcher:
    """Runs `compute(batch, wanted)` in its own thread, on batches of up to `size` queued requests.

    `wanted()` returns False once no caller waits for the batch any more.

    A batch is the oldest request and the next ones of its kind (scored, generated, or both). It is taken
    when no more requests are coming in, so requests submitted together form consecutive batches in their
    order. All replies of a batch are delivered at the same moment, in order.
    """

    def __init__(self, compute: Compute, size: int) -> None:
        self._compute = compute
        self._size = size
        self._queue: deque[tuple[ModelRequest, asyncio.Future[ReplyOrError]]] = deque()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._dispatcher: asyncio.Task[None] | None = None

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Queue the request and return its reply, or raise its `ModelError`."""
        future: asyncio.Future[ReplyOrError] = asyncio.get_running_loop().create_future()
        self._queue.append((request, future))
        if self._dispatcher is None or self._dispatcher.done():
            self._dispatcher = asyncio.create_task(self._dispatch())
        outcome = await future
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome

    async def close(self) -> None:
        """Cancel queued requests, wait for the running batch, and end the thread."""
        for _, future in self._queue:
            future.cancel()
        self._queue.clear()
        if self._dispatcher is not None and not self._dispatcher.done():
            await asyncio.wait([self._dispatcher])
        self._thread.shutdown()

    async def _dispatch(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue:
            await self._wait_for_quiet()
            batch = self._take()
            if not batch:
                continue
            futures = [future for _, future in batch]
            wanted = partial(_any_waiting, futures)
            results = loop.run_in_executor(
                self._thread, self._compute, [request for request, _ in batch], wanted
            )
            await asyncio.wait([results])
            _resolve(results, futures)

    async def _wait_for_quiet(self) -> None:
        quiet_turns, count = 0, len(self._queue)
        while quiet_turns < _QUIET_TURNS:
            await asyncio.sleep(0)
            quiet_turns = quiet_turns + 1 if len(self._queue) == count else 0
            count = len(self._queue)

    def _take(self) -> list[tuple[ModelRequest, asyncio.Future[ReplyOrError]]]:
        """Remove and return the next batch without the requests whose callers have gone."""
        waiting = [entry for entry in self._queue if not entry[1].done()]
        batch = [entry for entry in waiting if _kind(entry[0]) == _kind(waiting[0][0])][: self._size]
        taken = {id(future) for _, future in batch}
        self._queue = deque(entry for entry in waiting if id(entry[1]) not in taken)
        return batch


def _kind(request: ModelRequest) -> tuple[bool, bool]:
    return request.options is not None, request.lead is not None


def _any_waiting(futures: Sequence[asyncio.Future[ReplyOrError]]) -> bool:
    # Called from the computing thread, which is safe: `done` reads one attribute.
    return not all(future.done() for future in futures)


def _resolve(
    results: asyncio.Future[list[ReplyOrError]], futures: Sequence[asyncio.Future[ReplyOrError]]
) -> None:
    error = results.exception()
    for index, future in enumerate(futures):
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(results.result()[index])
