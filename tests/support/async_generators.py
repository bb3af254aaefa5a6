"""The type under which a test can close an async iterator early."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

T = TypeVar("T")


def closable(iterator: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """Return `iterator`, which must be a generator, under the type that has `aclose`."""
    assert isinstance(iterator, AsyncGenerator)
    return iterator
