"""The prompts of one stage with their score vectors, filled in as the scores come in."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from ...agents.messages import (
    CandidateStopped,
    PromptJudged,
    PromptScored,
    RaceFinished,
    ScoringRequested,
    Stage,
    StageFinished,
)
from ...agents.messages.scores import Measure, Score, merged
from ...agents.search.ranking import ranking
from ...prompts.candidate import Candidate

MEASURES = ("accuracy", "ifr", "one_minus_ece", "auroc", "pr_p", "pr_n")
"""The measures of the score vector that people are shown, in this order."""


@dataclass(slots=True)
class PromptRow:
    """One prompt of a stage: its score on each task so far and, for a finalist, the one on held-out data."""

    candidate: Candidate
    promoted: bool = False
    scores: dict[str, Score] = field(default_factory=dict)
    """Task -> score vector on the development examples."""
    examples: dict[str, int] = field(default_factory=dict)
    """Task -> number of development examples answered."""
    stopped_at: int | None = None
    """After how many examples a race stopped it; None where none did."""
    judged: dict[str, Measure] = field(default_factory=dict)
    """Dimension -> what the judge makes of its wording."""
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
            "vector": {name: measure.model_dump() for name, measure in self.vector().items()},
            "n": self.n,
            "stopped_at": self.stopped_at,
            "promoted": self.promoted,
            "test_score": self.final.composite if self.final else None,
            "test_vector": self.final.model_dump()["measures"] if self.final else None,
        }

    def mean(self, tasks: Iterable[str]) -> float | None:
        """The mean composite score over those of `tasks` that it has answered; None where it is none."""
        # In the order of the tasks, as the curator sums, so that not even rounding tells the two apart.
        known = [self.scores[task].composite for task in tasks if task in self.scores]
        return sum(known) / len(known) if known else None

    def vector(self) -> dict[str, Measure]:
        """Every measure over all tasks, with number of examples and interval; judged dimensions last."""
        taken = [score.measures for score in self.scores.values()]
        names = dict.fromkeys(name for measures in taken for name in measures)
        found = {name: merged([m[name] for m in taken if name in m]) for name in names}
        return {**found, **self.judged}

    def interval(self, name: str) -> tuple[float, float] | None:
        """The 95 % interval of `measure`; None where one of its tasks has none."""
        found = merged([score.measures[name] for score in self.scores.values() if name in score.measures])
        return None if found.low is None or found.high is None else (found.low, found.high)

    def measure(self, name: str) -> float | None:
        """One measure, averaged over the tasks on which it is defined; None where it is on none."""
        values = [v for score in self.scores.values() if (v := score.value(name)) is not None]
        return sum(values) / len(values) if values else None


class Leaderboard:
    """All prompts of one stage, in the order of their arrival, and what their races came to."""

    def __init__(
        self,
        stage: Stage,
        tasks: tuple[str, ...] = (),
        steps: int = 0,
        initial: Collection[str] = (),
    ) -> None:
        self.stage = stage
        self.tasks = tasks
        self.steps = steps
        self.rows: dict[str, PromptRow] = {}
        self.evaluations = 0
        """Examples answered."""
        self.saved = 0
        """Examples that prompts did not have to answer."""
        self.curve: list[tuple[int, float]] = []
        """Examples answered and the score of the best prompt then; before a race is over, the best score."""
        self.crowned: str | None = None
        """The winner of the last race."""
        self.front: tuple[str, ...] = ()
        """The ids on the Pareto front, once the stage is over."""
        self._initial = initial
        self._ranking: list[PromptRow] | None = None

    def add(self, candidate: Candidate, *, promoted: bool = False) -> PromptRow:
        """The row of `candidate`, made if there is none."""
        row = self.rows.get(candidate.id)
        if row is None:
            row = self.rows[candidate.id] = PromptRow(candidate, promoted)
        return row

    def score_of(self, row: PromptRow) -> float | None:
        """The mean composite score over the tasks; None as long as there is none."""
        return row.mean(self.tasks or row.scores)

    def ranked(self) -> list[PromptRow]:
        """The prompts with a score from the best to the worst, in the curator's order."""
        if self._ranking is None:
            rows = self.rows.items()
            scores = {id_: (score, row.n) for id_, row in rows if (score := self.score_of(row)) is not None}
            self._ranking = [self.rows[id_] for id_ in ranking(scores, self.crowned)]
        return list(self._ranking)

    def best(self) -> PromptRow | None:
        """The best prompt so far."""
        return next(iter(self.ranked()), None)

    def best_initial(self) -> PromptRow | None:
        """The best of those that a person would begin with: the tasks' own."""
        return next((row for row in self.ranked() if row.candidate.id in self._initial), None)

    def as_json(self) -> dict[str, Any]:
        """The stage for programs, its prompts from the best to the worst."""
        return {
            "tasks": list(self.tasks),
            "steps": self.steps,
            "evaluations": self.evaluations,
            "saved": self.saved,
            "front": list(self.front),
            "prompts": [{"score": self.score_of(row), **row.as_json()} for row in self.ranked()],
        }

    def record(self, message: PromptScored) -> None:
        """Enter a score. One on held-out data stands apart: it must not change the ranking."""
        row = self.rows.get(message.candidate)
        if row is None:
            return
        if held_out(message):
            row.final, row.final_examples = message.score, message.seen
        else:
            self._ranking = None
            row.scores[message.task] = message.score
            row.examples[message.task] = message.seen
            self.evaluations += len(message.outcomes)
            if self.crowned in (None, message.candidate):
                self._chart(row)

    def judge(self, message: PromptJudged) -> None:
        """Enter what the judge makes of a prompt."""
        if row := self.rows.get(message.candidate):
            row.judged = message.measures

    def stop(self, message: CandidateStopped) -> None:
        """A race has stopped a prompt."""
        if row := self.rows.get(message.candidate):
            row.stopped_at = message.seen

    def end_race(self, message: RaceFinished) -> None:
        """Who won the race is the best prompt from now on."""
        self.saved += message.saved
        if best := message.winner or message.against:
            self._crown(best)

    def finish(self, message: StageFinished) -> None:
        """Take the curator's word on the stage, also where what led to it is missing here."""
        self.evaluations, self.saved, self.front = message.evaluations, message.saved, message.front
        self._crown(message.best.candidate.id)

    def _crown(self, best: str) -> None:
        self.crowned, self._ranking = best, None
        if row := self.rows.get(best):
            self._chart(row)

    def _chart(self, row: PromptRow) -> None:
        score = self.score_of(row)
        if score is None:
            return
        if self.crowned is None and self.curve:
            score = max(score, self.curve[-1][1])
        if not self.curve or self.curve[-1][1] != score:
            self.curve.append((self.evaluations, score))


def held_out(message: PromptScored | ScoringRequested) -> bool:
    """Whether this is about the final comparison and not about the search."""
    return message.purpose == "final" or message.split == "test"
