"""A tracker of experiments as a follower of the log: it is told the run anew, and takes what it lacks."""

from collections.abc import Callable
from typing import Protocol

from ...storage.event import Event
from ..projections.history import RunHistory, begin_history
from .facts import RunFacts, facts_of
from .names import identity_of


class Experiment(Protocol):
    """A run at a tracker. What was written before is not written twice."""

    def write(self, facts: RunFacts) -> None:
        """Write what the tracker lacks. Raises `TrackerError`."""
        ...

    def close(self) -> None:
        """Release the tracker."""
        ...


class ExperimentFollower:
    """Keeps a run at a tracker up to date. `find` returns the run there, made if there is none."""

    def __init__(self, find: Callable[[RunFacts], Experiment]) -> None:
        self._find = find
        self._experiment: Experiment | None = None
        self._history: RunHistory | None = None
        self._identity = ""

    def apply(self, event: Event) -> None:
        """Take in the next event of the run."""
        if self._history is None:
            self._history, self._identity = begin_history(event.run, event), identity_of(event)
        else:
            self._history.apply(event)

    def update(self) -> None:
        """Tell the tracker what is new since the last time, or since an earlier export."""
        if self._history is None:
            return
        facts = facts_of(self._history, self._identity)
        if self._experiment is None:
            self._experiment = self._find(facts)
        self._experiment.write(facts)

    def close(self) -> None:
        """Release the tracker."""
        if self._experiment is not None:
            self._experiment.close()
