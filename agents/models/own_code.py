"""Call the user's own functions, so that none of them can keep the process waiting."""

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any


async def called(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the result of a function. A plain function runs in a thread, so that it can be abandoned."""
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    result = await asyncio.wrap_future(_in_thread(function, *arguments))
    return await result if inspect.isawaitable(result) else result


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
