"""An event loop in which nothing comes from outside: no clock that runs, no socket, no other thread.

The code of AgentChat agents needs an event loop: it gathers, queues and makes tasks. Run in a loop of its own
that stands still when everybody waits, it does the same each time; and what it waits for is then either a
question to be journalled, or something that the log could not know of.
"""

import asyncio
import selectors
import threading
from asyncio import Future
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class DeterministicLoop(asyncio.BaseEventLoop):
    """Runs its tasks until all of them wait. Timers never fire; a plain function runs at once."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = _Nothing(self)

    def run_until_idle(self) -> None:
        """Run until everybody waits; in another thread, since this one may be running another loop."""
        thread = threading.Thread(target=self.run_forever, name="agentchat")
        thread.start()
        thread.join()

    def time(self) -> float:
        """It is always now."""
        return 0.0

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., T], *arguments: Any
    ) -> Future[T]:
        """Call the function here and now: when another thread would be done is anybody's guess."""
        done: Future[T] = self.create_future()
        try:
            done.set_result(func(*arguments))
        except Exception as error:  # noqa: BLE001 - whatever it raises belongs to who waits for it
            done.set_exception(error)
        return done

    def finish(self, task: "asyncio.Task[Any] | None") -> None:
        """Cancel what is left and close the loop."""
        for left in asyncio.all_tasks(self):
            left.cancel()
        if task is not None:
            self.run_until_idle()
        self.close()

    def _process_events(self, event_list: Any) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody calls from another thread."""


class _Nothing(selectors.BaseSelector):
    """Asked to wait for something, it stops the loop: nothing will come."""

    def __init__(self, loop: DeterministicLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None or timeout > 0:
            self._loop.stop()
        return []

    def register(self, fileobj: Any, events: int, data: Any = None) -> Any:
        raise NotImplementedError("an agent in a run has no sockets: it asks its model, or a journalled tool")

    def unregister(self, fileobj: Any) -> Any:
        raise KeyError(fileobj)

    def get_map(self) -> Any:
        return {}


def begin(loop: DeterministicLoop, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
    """A task in the loop, which does not run yet."""
    return asyncio.Task(work, loop=loop)
