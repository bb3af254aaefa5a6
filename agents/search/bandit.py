"""The choice among operators: each is drawn as often as it is likely to be the one that pays best.

The method is Thompson sampling with a Beta posterior for each operator. Evidence is discounted with every
race (arXiv 1707.09727), since what helps a poor prompt may not help a good one.
"""

from collections.abc import Collection, Sequence
from math import ceil
from random import Random

from ..messages import RaceFinished, RaceResult
from ..operators.names import OperatorName

_PRIOR = (0.5, 2.0)
"""Parameters of the Beta prior. Most proposals do not pay, and a short run has no time to learn so."""
_PRIORS = {"reflection": (4.0, 2.0)}
"""Priors of single operators. Learning from failures paid most in other searches (arXiv 2507.19457)."""
_KEPT = 0.95
"""Share of the evidence that remains after each race."""
_MOST = 0.75
"""Highest share of a step's proposals by one operator."""


class Bandit:
    """A choice among the operators `names`, each of which is first tried once, in that order.

    The state follows from the races and choices so far, and randomness is passed in, so that the same
    conversation leads to the same choices.
    """

    def __init__(self, names: Sequence[OperatorName]) -> None:
        self.names = tuple(names)
        self._paid: dict[str, float] = dict.fromkeys(names, 0.0)
        self._unpaid: dict[str, float] = dict.fromkeys(names, 0.0)
        self._untried = dict.fromkeys(names)
        self.idle = 0
        """Number of races in a row without a winner."""

    def choose(self, offered: Collection[OperatorName], random: Random) -> OperatorName:
        """Return one of `offered` (not empty): the first untried one, or else one by Thompson sampling."""
        untried = next((name for name in self._untried if name in offered), None)
        if untried is not None:
            del self._untried[untried]
            return untried
        drawn = {name: self._draw(name, random) for name in self.names if name in offered}
        return max(drawn, key=drawn.__getitem__)

    def apply(self, race: RaceFinished) -> None:
        """Learn from a race. Results of operators that are not among `names` are ignored."""
        for name in self.names:
            self._paid[name] *= _KEPT
            self._unpaid[name] *= _KEPT
        self.idle = 0 if race.winner else self.idle + 1
        for result in race.results:
            self.credit(result.operator, reward(result, race.winner))

    def credit(self, name: str, value: float) -> None:
        """Record that a proposal of the operator `name` was worth `value`, in [0, 1]."""
        if name in self._paid:
            self._paid[name] += value
            self._unpaid[name] += 1 - value

    def _draw(self, name: str, random: Random) -> float:
        paid, unpaid = _PRIORS.get(name, _PRIOR)
        return random.betavariate(paid + self._paid[name], unpaid + self._unpaid[name])


def reward(result: RaceResult, winner: str | None) -> float:
    """Return the worth of a candidate for its operator: 1 for the new best prompt, 0.5 if surely better.

    A gain alone is worth nothing: a prompt that changes nothing has a gain half of the time.
    """
    if result.candidate == winner:
        return 1.0
    return 0.5 if result.outcome == "better" else 0.0


def most(count: int, operators: int) -> int:
    """Return the limit for one operator's share of `count` proposals; all `operators` can make `count`."""
    return max(ceil(count * _MOST), ceil(count / operators))
