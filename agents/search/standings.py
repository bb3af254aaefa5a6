"""The candidates of a stage with their answers, scores and judgements, and their ranking.

Utilities, which races compare, are per example, and count with the weight of the example. Scores are per
task, and their mean over the tasks ranks the candidates. An example whose call failed for any candidate is
excluded from both, for all candidates.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from random import Random

from ...prompts.candidate import Candidate
from ...prompts.sums import summed
from ...prompts.task import Task
from ..messages import HistoryEntry, PromptJudged, PromptScored, Standing
from ..messages.scores import Measure, Outcome, Score
from ..scoring.guard import search_level
from ..scoring.objective import common_title
from ..scoring.utility import utility
from .pareto import front
from .score_history import ExampleKey, ScoreHistory
from .shown_history import shown_history
from .token_price import TokenPrice


class Standings:
    """The candidates in the order of their arrival, with their outcomes and scores on each of `tasks`.

    `weights` are those of the objective, and `thrift` is the utility that each doubling of the tokens of an
    answer costs a candidate. The Pareto front is over the measures `compared`, by default over those with a
    weight.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        weights: Mapping[str, float],
        thrift: float = 0.0,
        compared: Sequence[str] | None = None,
    ) -> None:
        self._scores = ScoreHistory([task.name for task in tasks], weights)
        self._weights = weights
        self._compared = [n for n, w in weights.items() if w] if compared is None else compared
        self._price = TokenPrice(thrift, sum(len(task.dev) for task in tasks))
        self._tasks = tuple(tasks)
        self._training: dict[str, dict[ExampleKey, Outcome]] = {}
        """Outcomes of candidates on training examples, which the gate of the target stage asks."""
        self._utilities: dict[str, dict[ExampleKey, tuple[Outcome, float]]] = {}
        """Utilities that were computed, each with the outcome that it belongs to."""
        self._best: str | None = None
        self._stopped: set[str] = set()
        """Ids of the candidates that were stopped in their last race."""
        self._withdrawn: set[str] = set()
        self._heaviest = {task.name: _heaviest(task) for task in tasks}
        self.title = common_title(tasks)
        """The main metric in the user's words."""
        self.guard_level = search_level(weights)
        """Level of the tests by which a prompt is held to be worse in the main metric."""

    def __contains__(self, candidate: str) -> bool:
        return candidate in self._scores or candidate in self._withdrawn

    def __getitem__(self, candidate: str) -> Candidate:
        return self._scores.candidates[candidate]

    def __len__(self) -> int:
        return len(self._scores)

    @property
    def ids(self) -> Sequence[str]:
        """The ids of the candidates in the order of their arrival."""
        return list(self._scores.candidates)

    @property
    def best(self) -> str | None:
        """The winner of the last race that had one."""
        return self._best

    @property
    def excluded(self) -> Set[ExampleKey]:
        """The examples whose call failed for any candidate."""
        return self._scores.excluded

    @property
    def tokens(self) -> int:
        """Tokens that all answers have cost, prompts and replies together, excluded ones too."""
        return self._price.paid

    def add(self, candidate: Candidate) -> None:
        """Add a candidate, whose scores are still to come."""
        self._scores.add(candidate)

    def withdraw(self, candidate: str) -> None:
        """Forget all of a candidate but that it was tried; its tokens stay counted."""
        self._scores.withdraw(candidate)
        self._training.pop(candidate, None)
        self._utilities.pop(candidate, None)
        self._withdrawn.add(candidate)

    def set_best(self, candidate: str | None) -> None:
        """Set the prompt that is the best from now on."""
        self._best = candidate

    def record(self, message: PromptScored) -> None:
        """Record a candidate's answers, and its score over all answers so far."""
        self._scores.record(message)
        self._price.add(message)
        if message.split == "train":
            found = {(message.task, outcome.example): outcome for outcome in message.outcomes}
            self._training.setdefault(message.candidate, {}).update(found)

    def record_judgement(self, message: PromptJudged) -> None:
        """Record the judge's measures of a candidate."""
        self._scores.record_judgement(message)

    def exclude(self, keys: Iterable[ExampleKey]) -> None:
        """Exclude the answers to examples, past and future, of all candidates."""
        self._scores.exclude(keys)

    def answered(self, candidate: str) -> Set[ExampleKey]:
        """Return the examples that a candidate has answered."""
        return self._scores.outcomes(candidate).keys()

    def bare_utilities(self, candidate: str) -> dict[ExampleKey, float]:
        """Return the utility, in [0, 1], of each answer of the candidate, without the price of its tokens."""
        outcomes = self._scores.outcomes(candidate)
        return dict(zip(outcomes, self._worth(candidate, outcomes, outcomes), strict=True))

    def utilities(self, candidate: str, keys: Iterable[ExampleKey]) -> list[float]:
        """Return the utility, in [0, 1], of each of the examples that the candidate has answered, in order.

        The price of the candidate's tokens is subtracted, down to zero. If the examples of a task differ in
        weight, each utility is multiplied by the example's share of the greatest weight.
        """
        outcomes, price = self._outcomes(candidate), self._price.price(candidate)
        known = [key for key in keys if key in outcomes]
        return [
            max(0.0, worth - price) * self._share(key, outcomes[key])
            for key, worth in zip(known, self._worth(candidate, outcomes, known), strict=True)
        ]

    def mean_utility(self, candidate: str, keys: Iterable[ExampleKey]) -> float:
        """Return the mean utility, in [0, 1], of the examples that the candidate has answered; 0 if none."""
        outcomes, keys = self._outcomes(candidate), list(keys)
        total = summed(self._share(key, outcomes[key]) for key in keys if key in outcomes)
        return summed(self.utilities(candidate, keys)) / total if total else 0.0

    def shared(self, one: str, other: str) -> tuple[list[Outcome], list[Outcome]]:
        """Return the outcomes of both candidates on the examples that both have answered, in one order."""
        mine, others = self._scores.outcomes(one), self._scores.outcomes(other)
        keys = [key for key in mine if key in others]
        return [mine[key] for key in keys], [others[key] for key in keys]

    def rate(self, candidate: str) -> float:
        """Return the mean number of tokens of a candidate's answers; 0 if none is known."""
        return self._price.rate(candidate)

    def scores(self, candidate: str) -> Mapping[str, Score]:
        """Return the score vectors of a candidate: task -> score."""
        return self._scores.scores(candidate)

    def judged(self, candidate: str) -> Mapping[str, Measure]:
        """Return the judge's measures of a candidate; none before it was asked."""
        return self._scores.judged(candidate)

    def vector(self, candidate: str) -> Score:
        """Return the mean of each measure over the tasks that define it, and the judge's measures."""
        return Score(composite=self._scores.score(candidate), measures=self._scores.vector(candidate))

    def ranked(self, first: str | None = None) -> list[Standing]:
        """Return all candidates from the best to the worst, in the order of `ranking`.

        `first` stands in for the best prompt. A score is the mean over the tasks, so that it stays in [0, 1]
        (arXiv 2502.14211 sums them).
        """
        return [self._standing(id_) for id_ in self._scores.ranked(first or self.best)]

    def front(self) -> tuple[str, ...]:
        """Return the Pareto front over the measures that are compared.

        Only candidates with at least as many answers as the best prompt count: a few answers prove little.
        """
        least = self._scores.examples(self.best) if self.best else 0
        proven = (id_ for id_ in self._scores.candidates if self._scores.examples(id_) >= least)
        vectors = {id_: self.vector(id_) for id_ in proven}
        points = {
            id_: {name: vector.value(name) for name in self._compared} for id_, vector in vectors.items()
        }
        return tuple(front(points, self._compared))

    def history(self, count: int, random: Random, first: str | None = None) -> tuple[HistoryEntry, ...]:
        """Return the best `count` candidates in ascending order, for a prompt that writes new ones.

        Scores are integers from 0 to 100, as in OPRO (arXiv 2309.03409); `first` stands in for the best
        prompt. See `shown_history`.
        """
        return shown_history(self.ranked(first), self._scores, self._tasks, self._stopped, count, random)

    def note_race(self, entered: Iterable[str], stopped: Collection[str]) -> None:
        """Note which of the candidates of a finished race were stopped early."""
        for id_ in entered:
            (self._stopped.add if id_ in stopped else self._stopped.discard)(id_)

    def _standing(self, id_: str) -> Standing:
        return Standing(
            candidate=self._scores.candidates[id_],
            score=self._scores.score(id_),
            by_task=self._scores.by_task(id_),
            examples=self._scores.examples(id_),
        )

    def _worth(
        self, candidate: str, outcomes: Mapping[ExampleKey, Outcome], keys: Iterable[ExampleKey]
    ) -> Iterator[float]:
        """Yield the utility of each outcome. Races ask for the same ones again and again."""
        known = self._utilities.setdefault(candidate, {})
        for key in keys:
            outcome = outcomes[key]
            found = known.get(key)
            if found is None or found[0] is not outcome:
                found = known[key] = outcome, utility(outcome, self._weights)
            yield found[1]

    def _outcomes(self, candidate: str) -> Mapping[ExampleKey, Outcome]:
        outcomes, training = self._scores.outcomes(candidate), self._training.get(candidate)
        return {**training, **outcomes} if training else outcomes

    def _share(self, key: ExampleKey, outcome: Outcome) -> float:
        return outcome.weight / self._heaviest.get(key[0], 1.0)


def _heaviest(task: Task) -> float:
    return max((example.weight for example in task.dev), default=1.0) or 1.0
