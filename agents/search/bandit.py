"""Which operator to use next: each is drawn as often as it is likely to be the one that pays best.

Thompson sampling with a Beta posterior for each operator. What was seen counts less with every race
(discounted Thompson sampling, arXiv 1707.09727), since what helps a poor prompt may not help a good one.
"""

from collections.abc import Collection, Sequence
from math import ceil
from random import Random

from ..messages import RaceFinished, RaceResult
from ..operators.names import OperatorName

_PRIOR = (0.5, 2.0)
"""Most proposals do not pay. Less sceptical, and a short run is over before it has learnt anything."""
_PRIORS = {"reflection": (4.0, 2.0)}
"""Learning from failures is what has paid most in other searches (GEPA, arXiv 2507.19457)."""
_KEPT = 0.95
"""What remains of the evidence after each race."""
_MOST = 0.75
"""No operator makes more than this share of a step's proposals."""


class Bandit:
    """Choices among the operators `names`, which are first tried once each, in that order.

    Its state follows from what it is told and asked, and its randomness is handed in: the same
    conversation leads to the same choices.
    """

    def __init__(self, names: Sequence[OperatorName]) -> None:
        self.names = tuple(names)
        self._paid: dict[str, float] = dict.fromkeys(names, 0.0)
        self._unpaid: dict[str, float] = dict.fromkeys(names, 0.0)
        self._untried = dict.fromkeys(names)
        self.idle = 0
        """Races in a row that nobody has won."""

    def choose(self, among: Collection[OperatorName], random: Random) -> OperatorName:
        """One of `among`, which must not be empty: the first that is untried, else by Thompson sampling."""
        untried = next((name for name in self._untried if name in among), None)
        if untried is not None:
            del self._untried[untried]
            return untried
        drawn = {name: self._draw(name, random) for name in self.names if name in among}
        return max(drawn, key=drawn.__getitem__)

    def hear(self, race: RaceFinished) -> None:
        """Learn from a race; operators that are not among the names are others' business."""
        for name in self.names:
            self._paid[name] *= _KEPT
            self._unpaid[name] *= _KEPT
        self.idle = 0 if race.winner else self.idle + 1
        for result in race.results:
            self.credit(result.operator, reward(result, race.winner))

    def credit(self, name: str, value: float) -> None:
        """Enter that a proposal of the operator `name` was worth `value`, from 0 to 1."""
        if name in self._paid:
            self._paid[name] += value
            self._unpaid[name] += 1 - value

    def _draw(self, name: str, random: Random) -> float:
        paid, unpaid = _PRIORS.get(name, _PRIOR)
        return random.betavariate(paid + self._paid[name], unpaid + self._unpaid[name])


def reward(result: RaceResult, winner: str | None) -> float:
    """What a race says of the operator: 1 for the new best prompt, a half for another that is surely better.

    A gain alone is no success: a prompt that changes nothing has one half of the time.
    """
    if result.candidate == winner:
        return 1.0
    return 0.5 if result.outcome == "better" else 0.0


def most(count: int, operators: int) -> int:
    """How many of `count` proposals one of so many `operators` may make; together they can make them all."""
    return max(ceil(count * _MOST), ceil(count / operators))
