"""How the writing thread answers those who wait in an event loop: many answers, one wake-up."""

import asyncio
from collections import deque
from contextlib import suppress

from .event import Event


class Waiter:
    """Someone in an event loop who waits for one append; has what the writer uses of a `Future`."""

    __slots__ = ("_mailbox", "future")

    def __init__(self, mailbox: "Mailbox") -> None:
        self.future: asyncio.Future[list[Event]] = mailbox.loop.create_future()
        self._mailbox = mailbox

    def set_result(self, events: list[Event]) -> None:
        """Answer with the committed events. For the writing thread."""
        self._mailbox.put(self, events)

    def set_exception(self, error: Exception) -> None:
        """Answer with an error. For the writing thread."""
        self._mailbox.put(self, error)


class Mailbox:
    """Answers on their way into one event loop. Waking a loop is a system call: it is done once for all."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._answers: deque[tuple[Waiter, list[Event] | Exception]] = deque()

    def put(self, waiter: Waiter, answer: list[Event] | Exception) -> None:
        """Leave an answer, and wake the loop if it has not been woken since it last looked."""
        self._answers.append((waiter, answer))
        if len(self._answers) == 1:
            # A loop that has closed waits no more.
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._open)

    def _open(self) -> None:
        while self._answers:
            waiter, answer = self._answers.popleft()
            if waiter.future.done():
                continue  # Whoever was waiting has been cancelled; what was written stays.
            if isinstance(answer, Exception):
                waiter.future.set_exception(answer)
            else:
                waiter.future.set_result(answer)
