"""An event loop without outside events: no running clock, no sockets, no other threads.

AgentChat agents need an event loop, because their code gathers, queues and creates tasks. In a separate loop
that stops as soon as all tasks wait, that code does the same each time. An agent that still waits then waits
either for a journalled call or for an event that the log cannot contain.
"""

import asyncio
import selectors
import threading
from asyncio import Future
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class DeterministicLoop(asyncio.BaseEventLoop):
    """Runs its tasks until all of them wait. Timers never fire, and executor calls run immediately."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _IdleSelector(self)

    def start(self, coroutine: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Return a task for the coroutine, which does not run yet."""
        return asyncio.Task(coroutine, loop=self)

    def run_until_idle(self) -> None:
        """Run until all tasks wait, in another thread, because the caller's may be running a loop."""
        thread = threading.Thread(target=self.run_forever, name="agentchat")
        thread.start()
        thread.join()

    def time(self) -> float:
        """Return 0: time stands still."""
        return 0.0

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *arguments: Any
    ) -> Future[T]:
        """Call the function immediately, because the end of another thread is not deterministic."""
        result: Future[T] = self.create_future()
        try:
            result.set_result(func(*arguments))
        except Exception as error:  # noqa: BLE001 - every error belongs to the task that awaits the result
            result.set_exception(error)
        return result

    def finish(self, task: "asyncio.Task[Any] | None") -> None:
        """Cancel the remaining tasks and close the loop."""
        for remaining in asyncio.all_tasks(self):
            remaining.cancel()
        if task is not None:
            self.run_until_idle()
        self.close()

    def _process_events(self, event_list: Any) -> None:
        """Do nothing: there are no events."""

    def _write_to_self(self) -> None:
        """Do nothing: no other thread schedules calls."""


class _IdleSelector(selectors.BaseSelector):
    """Stops the loop instead of waiting, because no event will come."""

    def __init__(self, loop: DeterministicLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout > 0:
            self._loop.stop()
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:
        raise NotImplementedError(
            "An agent in a run cannot use sockets: let it call its model or a journalled tool."
        )

    def unregister(self, fileobj: Any) -> Any:
        raise KeyError(fileobj)

    def get_map(self) -> Any:
        return {}
