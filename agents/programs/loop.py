"""The event loop of programs, in a thread of its own: a program that blocks it does not block the run."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from threading import Thread
from typing import Any

_ANSWER = 5.0
"""Seconds in which a loop that is not blocked runs a callback, even on a busy machine."""

_END = 3.0
"""Seconds in which a cancelled execution must end, its child processes included."""


class ProgramLoop:
    """Runs coroutines in a thread. All share one loop, so that a program may keep an open connection.

    A loop that a program blocks is abandoned: the next execution gets a new one, and the thread ends with
    the process.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: Thread | None = None

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> Future[Any]:
        """Start a coroutine; return the future of its result. Cancelling the future cancels the coroutine."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._running())

    async def abandon_if_blocked(self) -> bool:
        """Use another loop from now on if this one does not run a callback; return whether that is so."""
        loop = self._loop
        if loop is None:
            return False
        answered = asyncio.Event()
        here = asyncio.get_running_loop()
        loop.call_soon_threadsafe(_thread_safe(here, answered.set))
        try:
            async with asyncio.timeout(_ANSWER):
                await answered.wait()
        except TimeoutError:
            if self._loop is loop:
                self._loop = None
            return True
        return False

    async def close(self) -> None:
        """Stop the loop, and with it what is left of executions, so that no child process stays behind."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None
            await asyncio.to_thread(self._thread.join, _ANSWER)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = Thread(target=_run, args=(self._loop,), daemon=True, name="programs")
            self._thread.start()
        return self._loop


def _thread_safe(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> Callable[[], None]:
    def call() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(callback)

    return call


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        _run_until_stopped(loop)
    finally:
        if left := asyncio.all_tasks(loop):
            for task in left:
                # A second cancellation would cut short what the first one has begun to clean up.
                if not task.cancelling():
                    task.cancel()
            loop.run_until_complete(asyncio.wait(left, timeout=_END))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _run_until_stopped(loop: asyncio.AbstractEventLoop) -> None:
    while True:
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt):
            continue  # A task that a program has started called sys.exit(), which ends that task alone.
        return
