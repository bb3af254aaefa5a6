"""Counts of what a stage has asked, spent and saved."""

from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

from ..messages import PromptJudged, ProposalsMade, Spent
from .race import ROUND, Race
from .score_history import ExampleKey

_LATEST = 6
"""Number of races that tell what the next one will cost. Races become longer as gains become smaller."""


class StageCosts:
    """The examples that each candidate of a stage was asked, and the tokens of everything but answers.

    Tokens of answers are counted by the standings.
    """

    def __init__(self) -> None:
        self._asked: dict[str, set[ExampleKey]] = defaultdict(set)
        self._evaluations = 0
        self._proposal_tokens = 0
        self._judgement_tokens = 0
        self._saved = 0
        self._race_costs: list[int] = []

    @property
    def evaluations(self) -> int:
        """Number of examples asked, of all candidates together."""
        return self._evaluations

    @property
    def saved(self) -> int:
        """Number of examples that races did not have to ask."""
        return self._saved

    @property
    def usual_race(self) -> int:
        """Mean number of examples that the latest races have asked; two rounds before the first."""
        return round(fmean(self._race_costs[-_LATEST:])) if self._race_costs else 2 * ROUND

    def take_unasked(self, candidate: str, keys: Iterable[ExampleKey]) -> list[ExampleKey]:
        """Return the `keys` that a candidate was not asked yet, and count them as asked from now on."""
        new = [key for key in keys if key not in self._asked[candidate]]
        self._asked[candidate].update(new)
        self._evaluations += len(new)
        return new

    def add_proposals(self, message: ProposalsMade) -> None:
        """Count the tokens of a step's proposals."""
        self._proposal_tokens += message.prompt_tokens + message.completion_tokens

    def add_judgement(self, message: PromptJudged) -> None:
        """Count the tokens of a judgement."""
        self._judgement_tokens += message.prompt_tokens + message.completion_tokens

    def add_race(self, race: Race, *, usual: bool) -> None:
        """Count what a race has saved; a `usual` one also tells what races cost."""
        self._saved += race.saved
        if usual:
            self._race_costs.append(race.cost)

    def spent(self, answers: int) -> Spent:
        """Return all costs so far; `answers` is the number of tokens of all answers."""
        return Spent(
            evaluations=self._evaluations,
            answers=answers,
            proposals=self._proposal_tokens,
            judgements=self._judgement_tokens,
        )
