"""The choice among operators, or texts: each is drawn as often as it is likely to be the one that pays best.

The method is Thompson sampling with a Beta posterior for each of them. Evidence is discounted with every
race (arXiv 1707.09727), since what helps a poor prompt may not help a good one.
"""

from collections.abc import Callable, Collection, Sequence
from math import ceil
from random import Random
from typing import Generic, TypeVar

from ..messages import RaceFinished, RaceResult

N = TypeVar("N", bound=str)
"""Name of an operator or of a text."""

_PRIOR = (0.5, 2.0)
"""Parameters of the Beta prior. Most proposals do not pay, and a short run has no time to learn so."""
_PRIORS = {"reflection": (4.0, 2.0)}
"""Priors of single operators. Learning from failures paid most in other searches (arXiv 2507.19457)."""
_KEPT = 0.95
"""Share of the evidence that remains after each race."""
_MOST = 0.75
"""Highest share of a step's proposals by one operator."""
_DRAWS = 200
"""Number of draws from which a chance is told."""


class Bandit(Generic[N]):
    """A choice among the operators or texts `names`, each of which is first tried once, in that order.

    The state follows from the races and choices so far, and randomness is passed in, so that the same
    conversation leads to the same choices.
    """

    def __init__(self, names: Sequence[N]) -> None:
        self.names = tuple(names)
        self._paid: dict[str, float] = dict.fromkeys(names, 0.0)
        self._unpaid: dict[str, float] = dict.fromkeys(names, 0.0)
        self._untried = dict.fromkeys(names)
        self.idle = 0
        """Number of races in a row without a winner."""

    def choose(self, offered: Collection[N], random: Random) -> N:
        """Return one of `offered` (not empty): the first untried one, or else one by Thompson sampling."""
        untried = next((name for name in self._untried if name in offered), None)
        if untried is not None:
            del self._untried[untried]
            return untried
        drawn = {name: self._draw(name, random) for name in self.names if name in offered}
        return max(drawn, key=drawn.__getitem__)

    def chances(self, random: Random) -> dict[N, float]:
        """Return how likely each is to be the one that pays best; exactly equal at equal evidence."""
        if len({(self._paid[name], self._unpaid[name], name in _PRIORS) for name in self.names}) <= 1:
            return {name: 1 / len(self.names) for name in self.names}
        best = dict.fromkeys(self.names, 0)
        for _ in range(_DRAWS):
            drawn = {name: self._draw(name, random) for name in self.names}
            best[max(drawn, key=drawn.__getitem__)] += 1
        return {name: count / _DRAWS for name, count in best.items()}

    def apply(
        self,
        race: RaceFinished,
        named: Callable[[RaceResult], Sequence[str]] = lambda result: (result.operator,),
    ) -> None:
        """Learn from a race: a result counts for those that it is `named` for, by default its operator.

        Others than `names` are ignored.
        """
        for name in self.names:
            self._paid[name] *= _KEPT
            self._unpaid[name] *= _KEPT
        self.idle = 0 if race.winner else self.idle + 1
        for result in race.results:
            credited = named(result)
            for one in credited:
                self.credit(one, reward(result, race.winner), 1 / len(credited))

    def credit(self, name: str, value: float, weight: float = 1.0) -> None:
        """Record that a proposal of `name` was worth `value`, in [0, 1]."""
        if name in self._paid:
            self._paid[name] += weight * value
            self._unpaid[name] += weight * (1 - value)

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
