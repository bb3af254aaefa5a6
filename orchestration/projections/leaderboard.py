"""Leaderboard of a stage: its prompts with their scores, in the curator's order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...agents.messages import (
    CandidateStopped,
    Message,
    PromptJudged,
    PromptScored,
    RaceFinished,
    ScoringRequested,
    Stage,
    StageFinished,
)
from ...agents.messages.scores import Measure, Score
from ...agents.operators.lineage import Lineage
from ...agents.scoring.objective import MAIN, METRIC_WEIGHTS, is_composite
from ...agents.search.score_history import ScoreHistory
from ...prompts.candidate import Candidate

MEASURES = ("metric", "accuracy", "ifr", "one_minus_ece", "auroc", "pr_p", "pr_n")
"""Measures of the score vector that people are shown, in this order."""


@dataclass(slots=True)
class PromptRow:
    """One prompt of a stage: its scores so far and, for a finalist, the score on held-out examples."""

    candidate: Candidate
    history: ScoreHistory
    promoted: bool = False
    changed: tuple[str, ...] = ()
    """Texts in which it differs from its parent; () if a prompt is one text."""
    stopped_at: int | None = None
    """Examples after which a race stopped it; None if none did."""
    withdrawn: bool = False
    """True if it was transferred and has not passed its gate: the search goes on as if it had not been."""
    final: Score | None = None
    """Score on the held-out examples that all finalists have answered."""
    final_examples: int = 0

    @property
    def by_task(self) -> dict[str, float]:
        """Score in [0, 1] by task."""
        return self.history.by_task(self.candidate.id)

    @property
    def score(self) -> float | None:
        """Mean score over the tasks; None before the first."""
        return self.history.score(self.candidate.id) if self.by_task else None

    @property
    def n(self) -> int:
        """Number of development examples that the scores rest on, over all tasks."""
        return self.history.examples(self.candidate.id)

    def vector(self) -> dict[str, Measure]:
        """Return every measure over all tasks, with examples and interval; judged dimensions last."""
        return self.history.vector(self.candidate.id)

    def measure(self, name: str) -> float | None:
        """Return one measure, averaged over the tasks that define it; None if none does."""
        measure = self.vector().get(name)
        return measure.value if measure else None

    def interval(self, name: str) -> tuple[float, float] | None:
        """Return the 95% interval of a measure; None if one of its tasks has none."""
        measure = self.vector().get(name)
        if measure is None or measure.low is None or measure.high is None:
            return None
        return measure.low, measure.high

    def as_json(self) -> dict[str, Any]:
        """Return the row as JSON values; an undefined measure is null."""
        vector = self.vector()
        return {
            "id": self.candidate.id,
            "operator": self.candidate.operator,
            "parents": list(self.candidate.parents),
            "changed": list(self.changed),
            "text": self.candidate.text,
            "by_task": self.by_task,
            "measures": {name: vector[name].value if name in vector else None for name in MEASURES},
            "vector": {name: measure.model_dump() for name, measure in vector.items()},
            "n": self.n,
            "stopped_at": self.stopped_at,
            "promoted": self.promoted,
            "test_score": self.final.composite if self.final else None,
            "test_vector": self.final.model_dump()["measures"] if self.final else None,
        }


class Leaderboard:
    """All prompts of one stage in the order of their arrival, ranked as the curator ranks them.

    `initial` holds the ids of the tasks' own prompts, `weights` those of the measures in the scores, `title`
    the main metric in the user's words, and `further` the names of the tasks' further metrics. `texts` holds
    the names of a prompt's texts if it has several, and `lineage` the prompts of the run.
    """

    def __init__(
        self,
        stage: Stage,
        tasks: tuple[str, ...] = (),
        steps: int = 0,
        initial: Collection[str] = (),
        weights: Mapping[str, float] = METRIC_WEIGHTS,
        title: str = "score",
        further: Sequence[str] = (),
        texts: Sequence[str] = (),
        lineage: Lineage | None = None,
    ) -> None:
        self.stage = stage
        self.tasks = tasks
        self.steps = steps
        self.title = title
        self.further = tuple(further)
        self.texts = tuple(texts)
        self.composite = is_composite(weights)
        """True if the score is a composite of measures and not the main metric."""
        self.rows: dict[str, PromptRow] = {}
        self.evaluations = 0
        """Development examples evaluated, including those whose calls failed."""
        self.saved = 0
        """Examples that races spared their candidates."""
        self.curve: list[tuple[int, float]] = []
        """Examples answered, and the score of the best prompt then; before the first race ends, the best
        score so far."""
        self.incumbent: str | None = None
        """Id of the winner of the last race."""
        self.front: tuple[str, ...] = ()
        """Ids on the Pareto front, once the stage is over."""
        self.history = ScoreHistory(tasks, weights)
        self._initial = initial
        self._lineage = lineage or Lineage()
        self._ranking: list[PromptRow] | None = None

    def add(self, candidate: Candidate, *, promoted: bool = False) -> PromptRow:
        """Return the row of `candidate`, creating it if there is none."""
        if candidate.id not in self.rows:
            self.history.add(candidate)
            self._lineage.add([candidate])
            changed = self._lineage.changed(candidate.id, self.texts)
            self.rows[candidate.id] = PromptRow(candidate, self.history, promoted, changed)
            self._ranking = None
        return self.rows[candidate.id]

    def ranked(self) -> list[PromptRow]:
        """Return the prompts with a score from the best to the worst, without those withdrawn."""
        if self._ranking is None:
            ranked = (self.rows[id_] for id_ in self.history.ranked(self.incumbent))
            self._ranking = [row for row in ranked if row.by_task and not row.withdrawn]
        return list(self._ranking)

    def main(self, row: PromptRow) -> float | None:
        """Return the main metric of a prompt; None before its first score, or if it is undefined."""
        return row.measure(MAIN) if self.composite else row.score

    def tested(self, row: PromptRow) -> float | None:
        """Return the main metric of a finalist on the held-out examples; None for other prompts."""
        if row.final is None or not self.composite:
            return row.final.composite if row.final else None
        return row.final.value(MAIN)

    def best(self) -> PromptRow | None:
        """Return the best prompt so far."""
        return next(iter(self.ranked()), None)

    def best_initial(self) -> PromptRow | None:
        """Return the best of the tasks' own prompts."""
        return next((row for row in self.ranked() if row.candidate.id in self._initial), None)

    def as_json(self) -> dict[str, Any]:
        """Return the stage as JSON values, its prompts from the best to the worst."""
        return {
            "tasks": list(self.tasks),
            "steps": self.steps,
            "metric": self.title,
            "evaluations": self.evaluations,
            "saved": self.saved,
            "front": list(self.front),
            "prompts": [{"score": row.score, **row.as_json()} for row in self.ranked()],
        }

    def apply(self, message: Message) -> None:
        """Take in a message about this stage. Scores on held-out examples are entered by `enter_final`."""
        match message:
            case PromptScored() if message.candidate in self.rows:
                self._score(message)
            case PromptJudged() if message.candidate in self.rows:
                self.history.record_judgement(message)
            case CandidateStopped() if message.candidate in self.rows:
                self.rows[message.candidate].stopped_at = message.seen
            case RaceFinished():
                self.saved += message.saved
                if best := message.winner or message.against:
                    self._lead(best)
            case StageFinished():
                # The log's own words count, even if events that led to them are missing.
                self.evaluations, self.saved, self.front = message.evaluations, message.saved, message.front
                self._lead(message.best.candidate.id)

    def withdraw(self, candidate: str, best: str | None) -> None:
        """Take a prompt out of the ranking, and its scores out of the curve.

        The search goes on from the `best` prompt; without one the first race is still to come.
        """
        self.rows[candidate].withdrawn = True
        self.curve.clear()
        self._lead(best)

    def enter_final(self, candidate: str, score: Score, examples: int) -> None:
        """Enter the score of a finalist on held-out examples. It does not change the ranking."""
        if row := self.rows.get(candidate):
            row.final, row.final_examples = score, examples

    def _score(self, message: PromptScored) -> None:
        self._ranking = None
        self.history.record(message)
        if message.excluded:
            self.history.exclude((message.task, example) for example in message.excluded)
        self.evaluations += len(message.outcomes) + len(message.excluded)
        if self.incumbent in (None, message.candidate):
            self._chart(self.rows[message.candidate])

    def _lead(self, best: str | None) -> None:
        self.incumbent, self._ranking = best, None
        if row := self.rows.get(best or ""):
            self._chart(row)

    def _chart(self, row: PromptRow) -> None:
        score = row.score
        if score is None:
            return
        if self.incumbent is None and self.curve:
            score = max(score, self.curve[-1][1])
        if not self.curve or self.curve[-1][1] != score:
            self.curve.append((self.evaluations, score))


def held_out(message: PromptScored | ScoringRequested) -> bool:
    """Return whether a message is about the final comparison and not about the search."""
    return message.purpose == "final" or message.split == "test"
