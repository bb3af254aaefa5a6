"""Results in the order in which their work began, whichever is ready first."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class OrderedResults(Generic[T]):
    """A queue that holds a result back until all work that began earlier has its result."""

    def __init__(self) -> None:
        self._begun: deque[list[T]] = deque()

    def begin(self) -> list[T]:
        """Begin a piece of work; return its place for `end`."""
        place: list[T] = []
        self._begun.append(place)
        return place

    def end(self, place: list[T], result: T) -> list[T]:
        """Store a result; return the results that are no longer held back, in order."""
        place.append(result)
        ready = []
        while self._begun and self._begun[0]:
            ready += self._begun.popleft()
        return ready
