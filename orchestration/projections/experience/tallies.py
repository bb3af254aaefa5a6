"""Counts that runs add up to: how often operators paid, and how often a format was kept."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ....agents.messages import RaceFinished
from ....agents.messages.scores import Outcome
from ....prompts.task import Task


@dataclass(frozen=True, slots=True)
class OperatorTally:
    """How often the prompts of an operator were raced, and how often one became the best prompt."""

    operator: str
    raced: int
    won: int


@dataclass(frozen=True, slots=True)
class FormatTally:
    """How many answers a model gave in a format, and how many of them could be read."""

    frame: str
    answers: int
    readable: int


class Operators:
    """The operators of a group of runs."""

    def __init__(self) -> None:
        self._raced: dict[str, int] = defaultdict(int)
        self._won: dict[str, int] = defaultdict(int)

    def add(self, race: RaceFinished) -> None:
        """Enter a race."""
        for result in race.results:
            self._raced[result.operator] += 1
            self._won[result.operator] += result.candidate == race.winner

    def tallies(self) -> list[OperatorTally]:
        """Return the operators, those first that won most often for each race."""
        found = [OperatorTally(name, raced, self._won[name]) for name, raced in self._raced.items()]
        return sorted(found, key=lambda one: (-one.won / one.raced, -one.raced, one.operator))


class Formats:
    """The formats that a group of runs demanded."""

    def __init__(self) -> None:
        self._answers: dict[str, int] = defaultdict(int)
        self._readable: dict[str, int] = defaultdict(int)

    def add(self, task: Task, outcomes: Iterable[Outcome]) -> None:
        """Enter answers to a task."""
        for outcome in outcomes:
            self._answers[task.frame] += 1
            self._readable[task.frame] += outcome.answer is not None

    def tallies(self) -> list[FormatTally]:
        """Return the formats by name."""
        return [
            FormatTally(name, count, self._readable[name]) for name, count in sorted(self._answers.items())
        ]
