"""The logical place of each step of a program: it does not depend on how fast the replies come.

Steps of one task of asyncio follow each other. Those of a task that it has started stand between its step
before and its next one, and the tasks started there follow each other as they were started.
"""

import asyncio
from collections import Counter
from contextvars import ContextVar
from typing import NamedTuple

Place = tuple[int, ...]
"""Sorts the steps of an execution."""


class _Position(NamedTuple):
    """How far a task of asyncio has come. A task that it starts inherits this."""

    task: object
    path: Place
    steps: int
    branches: Counter[Place]
    """Number of tasks that were started after each step, shared by the whole execution."""


_POSITION: ContextVar[_Position | None] = ContextVar("position", default=None)


def begin_order() -> None:
    """Begin an execution in the present task."""
    _POSITION.set(_Position(_task(), (), 0, Counter()))


def next_place() -> Place:
    """Return the place of the next step of the present task."""
    at, task = _POSITION.get(), _task()
    if at is None:  # A thread of the program's own.
        at = _Position(task, (), 0, Counter())
    if at.task is not task:
        begun = (*at.path, at.steps)
        at.branches[begun] += 1
        at = _Position(task, (*begun, at.branches[begun]), 0, at.branches)
    at = at._replace(steps=at.steps + 1)
    _POSITION.set(at)
    return (*at.path, at.steps)


def _task() -> object:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
