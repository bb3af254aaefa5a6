"""Doing something asynchronous from a command."""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end and return its result."""
    import asyncio  # Here, since most commands that only read can do without it, and it takes long to load.

    return asyncio.run(work)
