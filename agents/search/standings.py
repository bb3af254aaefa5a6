"""The curator's history of one stage: what each candidate has answered, and how it stands."""

from collections.abc import Container, Iterable, Mapping, Sequence
from math import log2
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

_WITH_FAILURES = 3
"""How many of the best prompts come with examples that they got wrong."""
_FAILURES = 8


class Standings:
    """Candidates in the order of their arrival, with their outcomes and scores on each of `tasks`.

    `thrift` is what each doubling of the tokens of an answer costs a candidate in utility.
    """

    def __init__(self, tasks: Sequence[Task], weights: Mapping[str, float], thrift: float = 0.0) -> None:
        self._tasks = tuple(task.name for task in tasks)
        self._weights = weights
        self._thrift = thrift
        self._tokens: dict[str, int] = {}
        self._rates: dict[str, float] = {}
        self._least = 0.0
        self._candidates: dict[str, Candidate] = {}
        self._scores: dict[str, dict[str, Score]] = {}
        self._outcomes: dict[str, dict[ExampleKey, Outcome]] = {}
        self._judged: dict[str, Mapping[str, Measure]] = {}
        self._counts: dict[str, int] = {}
        self.excluded: set[ExampleKey] = set()
        """Examples that somebody could not be asked, because a call had failed: they count for nobody."""
        self._docked: set[tuple[str, str]] = set()
        """Candidates and tasks in which an answer of theirs does not count."""
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

    def set_best(self, candidate: str | None) -> None:
        """Note who counts as the best from now on."""
        self._best = candidate

    def add(self, candidate: Candidate) -> None:
        """Enter a candidate whose scores are still to come."""
        self._candidates[candidate.id] = candidate
        self._scores[candidate.id] = {}
        self._outcomes[candidate.id] = {}
        self._tokens[candidate.id] = self._counts[candidate.id] = 0

    def record(self, message: PromptScored) -> None:
        """Enter what a candidate has answered."""
        id_ = message.candidate
        self._scores[id_][message.task] = message.score
        self._outcomes[id_] |= {(message.task, outcome.example): outcome for outcome in message.outcomes}
        self._counts[id_] += len(message.outcomes)
        self._tokens[id_] += message.prompt_tokens + message.completion_tokens
        self._rates[id_] = self._tokens[id_] / max(1, self._counts[id_])
        self._least = min(filter(None, self._rates.values()), default=0.0)
        if self.excluded:
            self._dock(id_)

    @property
    def tokens(self) -> int:
        """What all answers have cost, in tokens of prompts and replies."""
        return sum(self._tokens.values())

    def leave_out(self, places: Iterable[ExampleKey]) -> None:
        """Forget, of every candidate, the answers to examples that somebody could not be asked.

        What they have cost is paid all the same. Later answers to them do not count either.
        """
        self.excluded.update(places)
        for id_ in self._candidates:
            self._dock(id_)

    def _dock(self, id_: str) -> None:
        outcomes = self._outcomes[id_]
        self._docked.update((id_, task) for task, _ in outcomes.keys() & self.excluded)
        kept = {place: outcome for place, outcome in outcomes.items() if place not in self.excluded}
        for task in [task for docked, task in self._docked if docked == id_]:
            left = [outcome for (name, _), outcome in kept.items() if name == task]
            self._scores[id_][task] = rescored(self._scores[id_][task], left, self._weights)
        self._outcomes[id_] = kept

    def record_judgement(self, message: PromptJudged) -> None:
        """Enter what the judge makes of a candidate."""
        self._judged[message.candidate] = message.measures

    def answered(self, candidate: str) -> Container[ExampleKey]:
        """The examples that a candidate has answered."""
        return self._outcomes[candidate].keys()

    def utilities(self, candidate: str, places: Iterable[ExampleKey]) -> list[float]:
        """The utility of each of `places` that the candidate has answered, in their order.

        From each what the candidate costs is taken off, as far as it goes: a utility is never below zero.
        """
        outcomes, price = self._outcomes[candidate], self._price(candidate)
        return [
            max(0.0, utility(outcomes[place], self._weights) - price) for place in places if place in outcomes
        ]

    def rate(self, candidate: str) -> float:
        """Tokens that an answer of a candidate costs on average; 0 where none is known."""
        return self._rates.get(candidate, 0.0)

    def _price(self, candidate: str) -> float:
        """What its tokens cost a candidate, beside the one that gets along with the fewest."""
        rate = self.rate(candidate)
        return self._thrift * log2(rate / self._least) if rate else 0.0

    def scores(self, candidate: str) -> Mapping[str, Score]:
        """Its score vector on each task."""
        return self._scores[candidate]

    def vector(self, candidate: str) -> Score:
        """Each measure as its mean over the tasks on which it is defined, and what the judge made of it."""
        # In the order of the tasks, so that not even rounding depends on which score came first.
        scores = [self._scores[candidate][task] for task in self._tasks if task in self._scores[candidate]]
        names = dict.fromkeys(name for score in scores for name in score.measures)
        found = {name: merged([s.measures[name] for s in scores if name in s.measures]) for name in names}
        return Score(
            composite=self._standing(self._candidates[candidate]).score,
            measures={**found, **self._judged.get(candidate, {})},
        )

    def ranked(self, first: str | None = None) -> list[Standing]:
        """All candidates from the better to the worse, as `ranking` has it.

        The score is the mean over the tasks, so that it stays in [0, 1] (arXiv 2502.14211 sums them).
        """
        standings = {id_: self._standing(candidate) for id_, candidate in self._candidates.items()}
        scores = {id_: (standing.score, standing.examples) for id_, standing in standings.items()}
        return [standings[id_] for id_ in ranking(scores, first or self.best)]

    def front(self) -> tuple[str, ...]:
        """The candidates that no other equals or beats in every measure that has a weight.

        Only of those that have answered as many examples as the best: a few answers prove little.
        """
        names = [name for name, weight in self._weights.items() if weight]
        least = len(self._outcomes[self.best]) if self.best else 0
        vectors = {id_: self.vector(id_) for id_ in self._candidates if len(self._outcomes[id_]) >= least}
        points = {id_: {name: vector.value(name) for name in names} for id_, vector in vectors.items()}
        return tuple(front(points, names))

    def history(self, count: int, random: Random, first: str | None = None) -> tuple[HistoryEntry, ...]:
        """The best `count` in ascending order, with scores as integers from 0 to 100 (as in OPRO).

        Who has answered nothing yet is left out. The very best come with some of their failures, which
        `random` chooses.
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
        wrong = sorted((place, o.answer) for place, o in self._outcomes[candidate].items() if not o.correct)
        random.shuffle(wrong)
        # What could not be read is the plainest fault: it comes first.
        wrong.sort(key=lambda pair: pair[1] is not None)
        return tuple(
            Failure(task=task, example=id_, answered=said) for (task, id_), said in wrong[:_FAILURES]
        )

    def _standing(self, candidate: Candidate) -> Standing:
        # In the order of the tasks, not of arrival: messages must not depend on which score came first.
        scores = self._scores[candidate.id]
        by_task = {task: scores[task].composite for task in self._tasks if task in scores}
        return Standing(
            candidate=candidate,
            score=sum(by_task.values()) / len(by_task) if by_task else 0.0,
            by_task=by_task,
            examples=len(self._outcomes[candidate.id]),
        )
