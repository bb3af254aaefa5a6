"""Answers in the order of their questions, whichever comes first."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class OrderedResults(Generic[T]):
    """Holds results back until all that were begun before them have one."""

    def __init__(self) -> None:
        self._begun: deque[list[T]] = deque()

    def begin(self) -> list[T]:
        """Take a place; `end` is given it."""
        place: list[T] = []
        self._begun.append(place)
        return place

    def end(self, place: list[T], result: T) -> list[T]:
        """Enter a result; returns those whose turn it is now, in order."""
        place.append(result)
        ready = []
        while self._begun and self._begun[0]:
            ready += self._begun.popleft()
        return ready
