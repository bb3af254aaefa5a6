"""The curator's history of one stage: which candidate has which score on which task."""

from collections.abc import Sequence

from ..prompts.candidate import Candidate
from .messages import HistoryEntry, Standing


class Standings:
    """Candidates in the order of their arrival, with a score on each of `tasks` as it comes in."""

    def __init__(self, tasks: Sequence[str]) -> None:
        self._tasks = tuple(tasks)
        self._candidates: dict[str, Candidate] = {}
        self._scores: dict[str, dict[str, float]] = {}

    def __contains__(self, candidate: str) -> bool:
        return candidate in self._candidates

    def __len__(self) -> int:
        return len(self._candidates)

    def add(self, candidate: Candidate) -> None:
        """Enter a candidate whose scores are still to come."""
        self._candidates[candidate.id] = candidate
        self._scores[candidate.id] = {}

    def record(self, candidate: str, task: str, score: float) -> None:
        """Enter the composite score of a candidate on one task."""
        self._scores[candidate][task] = score

    @property
    def complete(self) -> bool:
        """Whether every candidate has its score on every task."""
        return all(len(scores) == len(self._tasks) for scores in self._scores.values())

    def ranked(self) -> list[Standing]:
        """All candidates from the best to the worst; of equals, the one that came first is the better.

        The score is the mean over the tasks, so that it stays in [0, 1] (arXiv 2502.14211 sums them).
        """
        standings = [self._standing(candidate) for candidate in self._candidates.values()]
        return sorted(standings, key=lambda standing: -standing.score)

    def history(self, count: int) -> tuple[HistoryEntry, ...]:
        """The best `count` in ascending order, with scores as integers from 0 to 100 (as in OPRO)."""
        return tuple(
            HistoryEntry(candidate=s.candidate.id, text=s.candidate.text, score=round(100 * s.score))
            for s in reversed(self.ranked()[:count])
        )

    def _standing(self, candidate: Candidate) -> Standing:
        # In the order of the tasks, not of arrival: messages must not depend on which score came first.
        by_task = {task: self._scores[candidate.id][task] for task in self._tasks}
        return Standing(candidate=candidate, score=sum(by_task.values()) / len(by_task), by_task=by_task)
