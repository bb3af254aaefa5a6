"""The candidates of a stage with their answers, scores and judgements, and their ranking.

Utilities, which races compare, are per example. Scores are per task, and their mean over the tasks ranks the
candidates. An example whose call failed for any candidate is excluded from both, for all candidates.
"""

from collections.abc import Container, Iterable, Mapping, Sequence, Set
from random import Random

from ...prompts.candidate import Candidate
from ...prompts.task import Task
from ..messages import Failure, HistoryEntry, PromptJudged, PromptScored, Standing
from ..messages.scores import Measure, Outcome, Score, merged
from ..scoring.evaluator import rescored
from ..scoring.utility import utility
from .pareto import front
from .race import ExampleKey
from .ranking import ranking
from .token_price import TokenPrice

_WITH_FAILURES = 3
"""Number of the best prompts in a history that come with examples they got wrong."""
_FAILURES = 8
"""Number of such examples."""


class Standings:
    """The candidates in the order of their arrival, with their outcomes and scores on each of `tasks`.

    `thrift` is the utility that each doubling of the tokens of an answer costs a candidate.
    """

    def __init__(self, tasks: Sequence[Task], weights: Mapping[str, float], thrift: float = 0.0) -> None:
        self._tasks = tuple(task.name for task in tasks)
        self._weights = weights
        self._price = TokenPrice(thrift)
        self._candidates: dict[str, Candidate] = {}
        self._scores: dict[str, dict[str, Score]] = {}
        self._outcomes: dict[str, dict[ExampleKey, Outcome]] = {}
        self._judged: dict[str, Mapping[str, Measure]] = {}
        self._excluded: set[ExampleKey] = set()
        self._rescored: set[tuple[str, str]] = set()
        """Candidates and tasks with an answer that was excluded."""
        self._best: str | None = None

    def __contains__(self, candidate: str) -> bool:
        return candidate in self._candidates

    def __getitem__(self, candidate: str) -> Candidate:
        return self._candidates[candidate]

    def __len__(self) -> int:
        return len(self._candidates)

    @property
    def best(self) -> str | None:
        """The winner of the last race that had one."""
        return self._best

    @property
    def excluded(self) -> Set[ExampleKey]:
        """The examples whose call failed for any candidate."""
        return self._excluded

    @property
    def tokens(self) -> int:
        """Tokens of all answers, prompts and replies together, excluded ones too."""
        return self._price.total

    def add(self, candidate: Candidate) -> None:
        """Add a candidate, whose scores are still to come."""
        self._candidates[candidate.id] = candidate
        self._scores[candidate.id] = {}
        self._outcomes[candidate.id] = {}

    def set_best(self, candidate: str | None) -> None:
        """Set the prompt that is the best from now on."""
        self._best = candidate

    def record(self, message: PromptScored) -> None:
        """Record a candidate's answers, and its score over all answers so far."""
        id_ = message.candidate
        self._scores[id_][message.task] = message.score
        self._outcomes[id_] |= {(message.task, outcome.example): outcome for outcome in message.outcomes}
        self._price.add(message)
        if self._excluded:
            self._rescore(id_)

    def record_judgement(self, message: PromptJudged) -> None:
        """Record the judge's measures of a candidate."""
        self._judged[message.candidate] = message.measures

    def exclude(self, keys: Iterable[ExampleKey]) -> None:
        """Exclude the answers to examples, past and future, of all candidates."""
        self._excluded.update(keys)
        for id_ in self._candidates:
            self._rescore(id_)

    def _rescore(self, id_: str) -> None:
        outcomes = self._outcomes[id_]
        self._rescored.update((id_, task) for task, _ in outcomes.keys() & self._excluded)
        kept = {key: outcome for key, outcome in outcomes.items() if key not in self._excluded}
        for task in [task for rescored_id, task in self._rescored if rescored_id == id_]:
            left = [outcome for (name, _), outcome in kept.items() if name == task]
            self._scores[id_][task] = rescored(self._scores[id_][task], left, self._weights)
        self._outcomes[id_] = kept

    def answered(self, candidate: str) -> Container[ExampleKey]:
        """Return the examples that a candidate has answered."""
        return self._outcomes[candidate].keys()

    def utilities(self, candidate: str, keys: Iterable[ExampleKey]) -> list[float]:
        """Return the utility, in [0, 1], of each of the examples that the candidate has answered, in order.

        The price of the candidate's tokens is subtracted, down to zero.
        """
        outcomes, price = self._outcomes[candidate], self._price.price(candidate)
        return [max(0.0, utility(outcomes[key], self._weights) - price) for key in keys if key in outcomes]

    def rate(self, candidate: str) -> float:
        """Return the mean number of tokens of a candidate's answers; 0 if none is known."""
        return self._price.rate(candidate)

    def scores(self, candidate: str) -> Mapping[str, Score]:
        """Return the score vectors of a candidate: task -> score."""
        return self._scores[candidate]

    def vector(self, candidate: str) -> Score:
        """Return the mean of each measure over the tasks that define it, and the judge's measures."""
        # Scores go in the order of the tasks, so that rounding does not depend on the order of arrival.
        scores = [self._scores[candidate][task] for task in self._tasks if task in self._scores[candidate]]
        names = dict.fromkeys(name for score in scores for name in score.measures)
        found = {name: merged([s.measures[name] for s in scores if name in s.measures]) for name in names}
        return Score(
            composite=self._standing(self._candidates[candidate]).score,
            measures={**found, **self._judged.get(candidate, {})},
        )

    def ranked(self, first: str | None = None) -> list[Standing]:
        """Return all candidates from the best to the worst, in the order of `ranking`.

        `first` stands in for the best prompt. A score is the mean over the tasks, so that it stays in [0, 1]
        (arXiv 2502.14211 sums them).
        """
        standings = {id_: self._standing(candidate) for id_, candidate in self._candidates.items()}
        scores = {id_: (standing.score, standing.examples) for id_, standing in standings.items()}
        return [standings[id_] for id_ in ranking(scores, first or self.best)]

    def front(self) -> tuple[str, ...]:
        """Return the Pareto front over the measures that have a weight.

        Only candidates with at least as many answers as the best prompt count: a few answers prove little.
        """
        names = [name for name, weight in self._weights.items() if weight]
        least = len(self._outcomes[self.best]) if self.best else 0
        vectors = {id_: self.vector(id_) for id_ in self._candidates if len(self._outcomes[id_]) >= least}
        points = {id_: {name: vector.value(name) for name in names} for id_, vector in vectors.items()}
        return tuple(front(points, names))

    def history(self, count: int, random: Random, first: str | None = None) -> tuple[HistoryEntry, ...]:
        """Return the best `count` candidates in ascending order, for a prompt that writes new ones.

        Scores are integers from 0 to 100, as in OPRO (arXiv 2309.03409). Candidates without answers are left
        out. The very best come with some of their failures, which `random` chooses.
        """
        best = [standing for standing in self.ranked(first) if standing.examples][:count]
        return tuple(
            HistoryEntry(
                candidate=s.candidate.id,
                text=s.candidate.text,
                score=round(100 * s.score),
                examples=s.examples,
                failures=self._failures(s.candidate.id, random) if rank < _WITH_FAILURES else (),
            )
            for rank, s in reversed(list(enumerate(best)))
        )

    def _failures(self, candidate: str, random: Random) -> tuple[Failure, ...]:
        wrong = sorted((key, o.answer) for key, o in self._outcomes[candidate].items() if not o.correct)
        random.shuffle(wrong)
        # An unreadable answer is the plainest fault: it comes first.
        wrong.sort(key=lambda pair: pair[1] is not None)
        return tuple(
            Failure(task=task, example=id_, answered=answer) for (task, id_), answer in wrong[:_FAILURES]
        )

    def _standing(self, candidate: Candidate) -> Standing:
        # Tasks go in their own order: messages must not depend on which score came first.
        scores = self._scores[candidate.id]
        by_task = {task: scores[task].composite for task in self._tasks if task in scores}
        return Standing(
            candidate=candidate,
            score=sum(by_task.values()) / len(by_task) if by_task else 0.0,
            by_task=by_task,
            examples=len(self._outcomes[candidate.id]),
        )
