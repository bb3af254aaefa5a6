"""The choice of the text that a proposal changes, for prompts of several texts.

Each text has a share of the proposals: the chance that it is the text that pays best, as Thompson sampling
sees it after the races so far, times its part in the failures. Some proposals are dealt out evenly, so that
no text starves. Proposals follow the shares in turn, as in smooth weighted round robin: at equal evidence the
texts take turns (the default of GEPA, arXiv 2507.19457), and siblings work on different texts.
"""

from collections.abc import Mapping, Sequence
from random import Random

from ...prompts.sums import summed
from ..messages import RaceFinished
from ..operators.lineage import Lineage
from .bandit import Bandit

_EVEN = 0.4
"""Share of the proposals that are dealt out evenly."""


class TextChoice:
    """The choice among the texts `names`. Its state follows from the races and the choices so far."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._paid = Bandit(self.names)
        self._due = dict.fromkeys(self.names, 0.0)
        self._shares = dict.fromkeys(self.names, 1 / max(1, len(self.names)))

    def begin_step(self, blamed: Mapping[str, float], random: Random) -> None:
        """Set the shares for the proposals of a step, given the texts' shares of the failures."""
        self._shares = shares(self._paid.chances(random), blamed)

    def order(self) -> list[str]:
        """Return the texts, first the one whose turn it is, then the one that is next."""
        due = {name: self._due[name] + self._shares[name] for name in self.names}
        return sorted(self.names, key=lambda name: -round(due[name], 9))

    def take(self, name: str) -> None:
        """Record that a proposal changes a text."""
        for one in self.names:
            self._due[one] += self._shares[one] - (one == name)

    def apply(self, race: RaceFinished, lineage: Lineage) -> None:
        """Learn from a race. A prompt that differs from its parent in several texts credits each in part."""
        self._paid.apply(race, lambda result: lineage.changed(result.candidate, self.names))


def shares(chances: Mapping[str, float], blamed: Mapping[str, float]) -> dict[str, float]:
    """Return the texts' shares of the proposals; they add up to 1."""
    worth = {name: chance * blamed[name] for name, chance in chances.items()}
    whole = summed(worth.values())
    if not whole:
        worth, whole = dict(blamed), summed(blamed.values())
    return {name: _EVEN / len(worth) + (1 - _EVEN) * value / whole for name, value in worth.items()}
