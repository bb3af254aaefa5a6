"""Delivery of results from the writing thread to an event loop, with one wake-up for many results."""

import asyncio
from collections import deque
from contextlib import suppress

from .event import Event


class Waiter:
    """A pending append in an event loop. It has the methods of `Future` that the writing thread uses."""

    __slots__ = ("_mailbox", "future")

    def __init__(self, mailbox: "Mailbox") -> None:
        self.future: asyncio.Future[list[Event]] = mailbox.loop.create_future()
        self._mailbox = mailbox

    def set_result(self, events: list[Event]) -> None:
        """Deliver the committed events. Called by the writing thread."""
        self._mailbox.put(self, events)

    def set_exception(self, error: Exception) -> None:
        """Deliver an error. Called by the writing thread."""
        self._mailbox.put(self, error)


class Mailbox:
    """Results on their way into one event loop. Waking it is a system call, so one wake-up serves many."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._results: deque[tuple[Waiter, list[Event] | Exception]] = deque()

    def put(self, waiter: Waiter, result: list[Event] | Exception) -> None:
        """Add a result, and wake the loop unless a wake-up is already under way."""
        self._results.append((waiter, result))
        if len(self._results) == 1:
            # The loop may be closed.
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._open)

    def _open(self) -> None:
        while self._results:
            waiter, result = self._results.popleft()
            if waiter.future.done():
                continue  # The waiting task was cancelled; its events stay in the log.
            if isinstance(result, Exception):
                waiter.future.set_exception(result)
            else:
                waiter.future.set_result(result)
