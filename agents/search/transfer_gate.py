"""The gate of the target stage: a transferred prompt has to show on the target's examples what it promises.

It and the user's own prompt answer the same examples, block by block. Two hypotheses are weighed: that it
gains what its rules have gained elsewhere, and that it gains nothing. A sequential probability ratio test
(Wald 1945) stops as soon as one of them is clearly the likelier. A prompt that is dropped has cost its own
answers and nothing else, for the search then goes on as it would have without it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from ...prompts.candidate import Candidate
from ...prompts.sums import summed
from ..experience.lessons import Lesson
from ..messages import Spent
from .race import Race, Utilities
from .race_rules import expected_spread
from .score_history import ExampleKey

LONGEST = 20
"""Most examples that the gate asks."""
_BLOCK = 3
"""Examples between two looks: a prompt that does not keep its promise should cost as little as it can."""
_FEWEST = 10
"""Fewest examples on which a prompt may pass, unless there are no more: the scatter has to be known, too."""
_FALSE_PASS, _FALSE_DROP = 0.05, 0.15
"""Probabilities of the two errors at which the test stops before the last example."""
_DISCOUNT = 0.5
"""Share of what rules have gained elsewhere that they are held to."""
_LEAST, _MOST = 0.02, 0.25
"""Bounds of the gain per example that a prompt is held to."""
_UNKNOWN = 0.1
"""Gain per example that a whole prompt is held to, of whose rules nothing is known."""
_PASS = log((1 - _FALSE_DROP) / _FALSE_PASS)
_DROP = log(_FALSE_DROP / (1 - _FALSE_PASS))
"""Logarithms of the likelihood ratio at which the test stops."""
_BELIEVED = 4
"""Weight, in examples, of the expected scatter of the differences."""


_NOTHING = Spent()


@dataclass(frozen=True, slots=True)
class Transferred:
    """A prompt from another task."""

    candidate: Candidate
    promised: float
    """Gain in utility per example that it promises."""
    wording: Spent = _NOTHING
    """Cost of its wording."""


def promised(rules: Sequence[Lesson]) -> float:
    """Return the gain in utility per example that a prompt with these rules is held to."""
    gain = _DISCOUNT * summed(rule.mean for rule in rules) if rules else _UNKNOWN
    return min(_MOST, max(_LEAST, gain))


class TransferGate(Race):
    """The race of one transferred prompt against the user's own, which is decided by what was promised."""

    typical = False

    def __init__(self, order: Sequence[ExampleKey], transferred: Transferred, own: str) -> None:
        super().__init__(order[:LONGEST], [transferred.candidate.id], own, None)
        self._promised = transferred.promised

    def next_block(self, at_least: int = 0) -> Sequence[ExampleKey]:
        """Return the examples of the next block."""
        start = len(self.seen)
        self.seen = self._order[: start + _BLOCK]
        return self.seen[start:]

    def break_off(self, best: str) -> None:
        """End the race without a decision: the prompt does not pass."""
        super().break_off(best)
        self.winner = None

    def compare(self, utilities: Utilities, exempt: Collection[str] = ()) -> dict[str, str]:
        """Decide whether the gate may open or close now; return id -> reason if the prompt is dropped."""
        [id_] = self.entered
        assert self.incumbent is not None
        mine, own = (np.asarray(utilities(one, self.seen)) for one in (id_, self.incumbent))
        seen, ahead = len(self.seen), mine - own
        self._compared = seen, self.incumbent
        believed = _BELIEVED * expected_spread(mine, own)
        variance = (float(((ahead - ahead.mean()) ** 2).sum() if seen else 0.0) + believed) / (
            seen + _BELIEVED
        )
        odds = self._promised * float((ahead - self._promised / 2).sum()) / variance
        finished = seen == self.total
        sure = odds <= _DROP or (odds >= _PASS and seen >= _FEWEST)
        self.over, self.winner = finished or sure, None
        if not self.over:
            return {}
        if odds > 0:
            self.winner = id_
            return {}
        self.field, self.stopped = [], {id_: seen}
        gain, held = 100 * float(ahead.mean()) if seen else 0.0, 100 * self._promised
        return {id_: f"{gain:+.0f} points on {seen} examples, where its rules promise {held:+.0f}"}
