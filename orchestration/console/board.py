"""The prompts of one stage with their score vectors, filled in as the scores come in."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ...agents.messages import PromptScored, ScoringRequested, Stage
from ...agents.scores import Score
from ...prompts.candidate import Candidate

MEASURES = ("accuracy", "ifr", "one_minus_ece", "auroc", "pr_p", "pr_n")
"""The measures of the score vector that people are shown, in this order."""
INITIAL = frozenset({"initial"})
"""What made the prompts that a person would begin with."""


@dataclass(slots=True)
class PromptRow:
    """One prompt of a stage: its score on each task so far and, for a finalist, the one on held-out data."""

    candidate: Candidate
    promoted: bool = False
    scores: dict[str, Score] = field(default_factory=dict)
    """Task -> score vector on the development examples."""
    examples: dict[str, int] = field(default_factory=dict)
    """Task -> number of development examples."""
    final: Score | None = None
    final_examples: int = 0

    @property
    def by_task(self) -> dict[str, float]:
        """Task -> composite score in [0, 1]."""
        return {task: score.composite for task, score in self.scores.items()}

    @property
    def n(self) -> int:
        """On how many development examples the row rests, over all tasks."""
        return sum(self.examples.values())

    def as_json(self) -> dict[str, Any]:
        """The row for programs; a measure that is undefined is null."""
        return {
            "id": self.candidate.id,
            "operator": self.candidate.operator,
            "parents": list(self.candidate.parents),
            "text": self.candidate.text,
            "by_task": self.by_task,
            "measures": {name: self.measure(name) for name in MEASURES},
            "n": self.n,
            "promoted": self.promoted,
            "test_score": self.final.composite if self.final else None,
        }

    def mean(self, tasks: Iterable[str]) -> float | None:
        """The mean composite score over `tasks`; None as long as one of them is missing."""
        # In the order of the tasks, as the curator sums, so that not even rounding tells the two apart.
        wanted = list(tasks)
        if not wanted or any(task not in self.scores for task in wanted):
            return None
        return sum(self.scores[task].composite for task in wanted) / len(wanted)

    def measure(self, name: str) -> float | None:
        """One measure, averaged over the tasks on which it is defined; None where it is on none."""
        values = [v for score in self.scores.values() if (v := score.value(name)) is not None]
        return sum(values) / len(values) if values else None


class Board:
    """All prompts of one stage, in the order of their arrival."""

    def __init__(self, stage: Stage, tasks: tuple[str, ...] = (), steps: int = 0) -> None:
        self.stage = stage
        self.tasks = tasks
        self.steps = steps
        self.rows: dict[str, PromptRow] = {}
        self._ranking: list[PromptRow] | None = None

    def add(self, candidate: Candidate, *, promoted: bool = False) -> PromptRow:
        """The row of `candidate`, made if there is none."""
        row = self.rows.get(candidate.id)
        if row is None:
            row = self.rows[candidate.id] = PromptRow(candidate, promoted)
        return row

    def score_of(self, row: PromptRow) -> float | None:
        """The mean composite score by which prompts are ranked; None until every task has one."""
        return row.mean(self.tasks or row.scores)

    def ranked(self) -> list[PromptRow]:
        """The fully scored prompts from the best to the worst; of equals the earlier one comes first."""
        if self._ranking is None:
            rows = self.rows.values()
            scored = [(score, row) for row in rows if (score := self.score_of(row)) is not None]
            self._ranking = [row for _, row in sorted(scored, key=lambda pair: -pair[0])]
        return list(self._ranking)

    def best(self) -> PromptRow | None:
        """The best prompt so far."""
        return next(iter(self.ranked()), None)

    def best_initial(self) -> PromptRow | None:
        """The best of those that a person would begin with."""
        return next((row for row in self.ranked() if row.candidate.operator in INITIAL), None)

    def as_json(self) -> dict[str, Any]:
        """The stage for programs, its prompts from the best to the worst."""
        prompts = [{"score": self.score_of(row), **row.as_json()} for row in self.ranked()]
        return {"tasks": list(self.tasks), "steps": self.steps, "prompts": prompts}

    def record(self, message: PromptScored) -> None:
        """Enter a score. One on held-out data stands apart: it must not change the ranking."""
        row = self.rows.get(message.candidate)
        if row is None:
            return
        if held_out(message):
            row.final, row.final_examples = message.score, len(message.outcomes)
        else:
            self._ranking = None
            row.scores[message.task] = message.score
            row.examples[message.task] = len(message.outcomes)


def held_out(message: PromptScored | ScoringRequested) -> bool:
    """Whether this is about the final comparison and not about the search."""
    return message.purpose == "final" or message.split == "test"
