"""Scores of the candidates of one stage. The curator ranks by them, and every view shows them."""

from collections.abc import Iterable, Mapping, Sequence

from ...prompts.candidate import Candidate
from ...prompts.sums import summed
from ..messages import PromptJudged, PromptScored
from ..messages.scores import Measure, Outcome, Score, merged
from ..scoring.objective import METRIC_WEIGHTS
from .ranking import ranking

ExampleKey = tuple[str, str]
"""A task and the id of one of its examples."""


class ScoreHistory:
    """Candidates in the order of their arrival, with their scores and outcomes on each of `tasks`.

    An example whose call fails for any candidate is excluded for all: scores are taken over the rest.
    `weights` are those of the objective, by default of the main metric alone. Without `tasks` the order of
    the first scores is taken.
    """

    def __init__(self, tasks: Sequence[str], weights: Mapping[str, float] = METRIC_WEIGHTS) -> None:
        self.tasks = tuple(tasks)
        self._weights = weights
        self.candidates: dict[str, Candidate] = {}
        self.excluded: set[ExampleKey] = set()
        self._scores: dict[str, dict[str, Score]] = {}
        self._unread: dict[str, list[tuple[str, Sequence[Outcome]]]] = {}
        self._outcomes: dict[str, dict[ExampleKey, Outcome]] = {}
        self._counts: dict[str, int] = {}
        self._judged: dict[str, Mapping[str, Measure]] = {}
        self._incomplete: set[tuple[str, str]] = set()
        """Candidates and tasks of which an answer is excluded."""

    def __contains__(self, candidate: str) -> bool:
        return candidate in self.candidates

    def __len__(self) -> int:
        return len(self.candidates)

    def add(self, candidate: Candidate) -> None:
        """Enter a candidate without scores; one that is known stays as it is."""
        if candidate.id not in self.candidates:
            self.candidates[candidate.id] = candidate
            self._scores[candidate.id], self._outcomes[candidate.id] = {}, {}
            self._unread[candidate.id], self._counts[candidate.id] = [], 0

    def withdraw(self, candidate: str) -> None:
        """Forget a candidate with its scores and outcomes."""
        del self.candidates[candidate], self._scores[candidate], self._outcomes[candidate]
        del self._unread[candidate], self._counts[candidate]
        self._judged.pop(candidate, None)

    def record(self, message: PromptScored) -> None:
        """Enter the score and the outcomes of a known candidate.

        Answers to training examples count in no score: proposals are written from these examples.
        """
        if message.split == "train":
            return
        id_ = message.candidate
        self._scores[id_][message.task] = message.score
        # Outcomes are read only when needed: a view of a long log needs their number alone.
        self._unread[id_].append((message.task, message.outcomes))
        self._counts[id_] += len(message.outcomes)
        if self.excluded:
            self._leave_out(id_)

    def record_judgement(self, message: PromptJudged) -> None:
        """Enter the judge's measures of a candidate."""
        self._judged[message.candidate] = message.measures

    def exclude(self, examples: Iterable[ExampleKey]) -> None:
        """Remove these examples from the scores of all candidates, now and later."""
        self.excluded.update(examples)
        for id_ in self.candidates:
            self._leave_out(id_)

    def outcomes(self, candidate: str) -> Mapping[ExampleKey, Outcome]:
        """Return the outcomes that count, by example."""
        known = self._outcomes[candidate]
        for task, outcomes in self._unread[candidate]:
            known.update(((task, outcome.example), outcome) for outcome in outcomes)
        self._unread[candidate].clear()
        return known

    def examples(self, candidate: str) -> int:
        """Return the number of examples that the candidate's scores rest on."""
        return self._counts[candidate]

    def scores(self, candidate: str) -> Mapping[str, Score]:
        """Return the score on each task that the candidate has answered, in the order of the tasks."""
        scores = self._scores[candidate]
        return {task: scores[task] for task in self.tasks or scores if task in scores}

    def by_task(self, candidate: str) -> dict[str, float]:
        """Return the score in [0, 1] on each task, in the order of the tasks."""
        return {task: score.composite for task, score in self.scores(candidate).items()}

    def score(self, candidate: str) -> float:
        """Return the mean score over the tasks; 0 if there is none.

        The mean stays in [0, 1], whereas arXiv 2502.14211 sums over the tasks.
        """
        values = self.by_task(candidate).values()
        return summed(values) / len(values) if values else 0.0

    def vector(self, candidate: str) -> dict[str, Measure]:
        """Return each measure as its mean over the tasks that define it, the judged dimensions last."""
        scores = list(self.scores(candidate).values())
        names = dict.fromkeys(name for score in scores for name in score.measures)
        found = {name: merged([s.measures[name] for s in scores if name in s.measures]) for name in names}
        return {**found, **self.judged(candidate)}

    def judged(self, candidate: str) -> Mapping[str, Measure]:
        """Return the judged dimensions; none before the judge was asked."""
        return self._judged.get(candidate, {})

    def ranked(self, first: str | None) -> list[str]:
        """Return all candidates from the best to the worst, as `ranking` orders them."""
        return ranking({id_: (self.score(id_), self.examples(id_)) for id_ in self.candidates}, first)

    def _leave_out(self, id_: str) -> None:
        outcomes = self.outcomes(id_)
        self._incomplete.update((id_, task) for task, _ in outcomes.keys() & self.excluded)
        kept = {key: outcome for key, outcome in outcomes.items() if key not in self.excluded}
        for task in [task for incomplete, task in self._incomplete if incomplete == id_]:
            # Imported here: it loads NumPy, which a view needs only for a run with failed calls.
            from ..scoring.evaluator import rescored

            left = [outcome for (name, _), outcome in kept.items() if name == task]
            self._scores[id_][task] = rescored(self._scores[id_][task], left, self._weights)
        self._outcomes[id_], self._counts[id_] = kept, len(kept)
