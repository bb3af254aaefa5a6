"""Call the user's own functions, so that none of them can keep the process waiting."""

import asyncio
import inspect
from collections import Counter
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Thread
from typing import Any

from .base import ModelError

_FAILURES = 5
"""Number of failures without any success after which the run stops."""


class FailureRecord:
    """How often each piece of own code has succeeded and failed, to tell a broken one from a bad input."""

    def __init__(self) -> None:
        self.succeeded: Counter[Hashable] = Counter()
        self._failed: Counter[Hashable] = Counter()

    def failure(self, key: Hashable, message: str, inputs: str) -> ModelError:
        """Return the error of one more failure on one of the `inputs`, such as "outputs".

        It stops the run if `key` has failed from the beginning.
        """
        self._failed[key] += 1
        if not self.succeeded[key] and self._failed[key] >= _FAILURES:
            so_far = f"It has failed on all {self._failed[key]} {inputs} so far."
            return ModelError("not_supported", f"{message} {so_far}")
        return ModelError("crash", message)


async def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a function. A plain function runs in a thread, so that it can be abandoned."""
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    result = await asyncio.wrap_future(_in_thread(function, *arguments))
    return await result if inspect.isawaitable(result) else result


def printable(text: str) -> str:
    """Return the text of foreign code without lone surrogates, which no log can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def line_of(error: BaseException) -> str:
    """Return the line of the user's file on which the error was raised, as " (line 7)"."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    return f" (line {place.tb_lineno})" if place is not None else ""


def _in_thread(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()

    def work() -> None:
        try:
            result = function(*arguments)
        except BaseException as error:  # noqa: BLE001 - passed on to the caller
            future.set_exception(error)
        else:
            future.set_result(result)

    # A daemon: a function that never returns must not keep the process alive.
    Thread(target=work, daemon=True, name="own code").start()
    return future
