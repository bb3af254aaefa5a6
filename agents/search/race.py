"""A race: candidates answer the same examples in the same order, block by block, until one is ahead.

After each block the candidates are compared with each other and with the incumbent, the prompt to beat.
`race_rules` says when a candidate is stopped.
"""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from itertools import zip_longest
from math import ceil
from random import Random

import numpy as np

from ...prompts.sums import summed
from ...prompts.task import Split, Task
from .race_rules import RaceRule, chance_left, expected_spread, unpromising
from .score_history import ExampleKey

Utilities = Callable[[str, Sequence[ExampleKey]], list[float]]
"""A function that returns the utilities of a candidate on examples, each in [0, 1]."""
CERTAIN = 0.9
"""Probability of beating the incumbent on all examples at which the leader has won."""
ROUND = 24
"""Least number of examples in a round, over all candidates. Even a small field should keep a model busy."""


class Race:
    """The state of one race: the candidates left in it, the examples that they have seen, and the winner.

    `order` holds the examples of the race. The `incumbent` answers the same examples, is never stopped, and
    may change during the race; without one the candidates race each other. Without a `rule` no candidate is
    stopped.
    """

    typical = True
    """True if the cost of the race tells what later ones will cost."""

    def __init__(
        self,
        order: Sequence[ExampleKey],
        candidates: Sequence[str],
        incumbent: str | None,
        rule: RaceRule | None,
    ) -> None:
        self.incumbent = incumbent
        self.entered = tuple(candidates)
        self.field = list(candidates)
        """The candidates that were not stopped."""
        self.stopped: dict[str, int] = {}
        """Number of examples that each stopped candidate has seen."""
        self.seen: Sequence[ExampleKey] = ()
        """The examples that the candidates left in the race have answered, or were asked last."""
        self.winner: str | None = None
        """The candidate that has beaten the incumbent, or all others; known when the race is over."""
        self.over = False
        self.cost = 0
        """Number of examples asked for the race so far, over all prompts."""
        self._order = list(order)
        self._compared: tuple[int, str | None] = (0, incumbent)
        """Number of examples seen at the last comparison, and the incumbent then."""
        self._rule = rule

    @property
    def total(self) -> int:
        """Number of examples in the whole race."""
        return len(self._order)

    @property
    def saved(self) -> int:
        """Number of examples that the candidates did not have to answer."""
        return len(self.entered) * self.total - len(self.field) * len(self.seen) - sum(self.stopped.values())

    @property
    def compared(self) -> int:
        """Number of examples that the candidates had seen when they were last compared."""
        return self._compared[0]

    def next_block(self, at_least: int = ROUND) -> Sequence[ExampleKey]:
        """Return the examples that the candidates left in the race, and the incumbent, should answer next.

        All candidates together get `at_least` so many, and at first as many as a comparison needs.
        """
        start, size = len(self.seen), self.total
        if self._rule is not None:
            block = self._rule.block
            size = max(ceil(at_least / (block * len(self.field))), 1)
            if not start:
                size = max(size, ceil(self._rule.min_examples / block))
            size *= block
        self.seen = self._order[: start + size]
        return self.seen[start:]

    def exclude(self, keys: Container[ExampleKey]) -> None:
        """Remove examples from the race for all candidates."""
        for id_, seen in self.stopped.items():
            self.stopped[id_] = sum(key not in keys for key in self.seen[:seen])
        compared, incumbent = self._compared
        self._compared = sum(key not in keys for key in self.seen[:compared]), incumbent
        self.seen = [key for key in self.seen if key not in keys]
        self._order = [key for key in self._order if key not in keys]

    def break_off(self, best: str) -> None:
        """End the race as it was when last compared; the winner is the `best` prompt, if it took part."""
        compared, self.incumbent = self._compared
        self.seen = self.seen[:compared]
        self.over = True
        self.winner = best if best in self.entered else None

    def compare(self, utilities: Utilities, exempt: Collection[str] = ()) -> dict[str, str]:
        """Stop the candidates that cannot win any more, and decide whether the race is over.

        Returns the reasons: id -> reason. The `exempt` candidates may win by something other than their
        utility. They are not stopped, and while one is left the race goes on to its last example.
        """
        values = {id_: utilities(id_, self.seen) for id_ in self.field}
        to_beat = utilities(self.incumbent, self.seen) if self.incumbent else None
        finished = len(self.seen) == self.total
        reasons: dict[str, str] = {}
        # The rule looks at whole blocks. On the last examples, stopping saves nothing and all answers count.
        if self._rule is not None and not finished:
            reasons = unpromising(values, to_beat, self.total, self._rule, entered=len(self.entered))
        reasons = {id_: reason for id_, reason in reasons.items() if id_ not in exempt}
        self.field = [id_ for id_ in self.field if id_ not in reasons]
        self.stopped |= dict.fromkeys(reasons, len(self.seen))
        self.over, self.winner = False, None
        if finished or not exempt or not self.field:
            self.over, self.winner = self._decide(values, to_beat, finished)
        self._compared = len(self.seen), self.incumbent
        return reasons

    def _decide(
        self, values: Mapping[str, Sequence[float]], to_beat: Sequence[float] | None, finished: bool
    ) -> tuple[bool, str | None]:
        """Return whether the race is over, and its winner if there is one."""
        if not self.field:
            return True, None
        if not self.seen:
            # No example could be asked, so nothing tells the candidates apart: the first one wins.
            return finished, self.entered[0] if finished and to_beat is None else None
        leader = max(self.field, key=lambda id_: summed(values[id_]))
        if to_beat is None:
            over = finished or len(self.field) == 1
            return over, leader if over else None
        ahead = np.asarray(values[leader]) - np.asarray(to_beat)
        if finished or self._rule is None:
            return finished, leader if finished and ahead.mean() > 0 else None
        spread = expected_spread(*map(np.asarray, (*values.values(), to_beat)))
        sure = chance_left(ahead, self.total, self._rule.min_gain, self._rule.prior, spread) >= CERTAIN
        return sure, leader if sure else None


def race_order(
    tasks: Sequence[Task], random: Random, answered: Container[ExampleKey] = (), split: Split = "dev"
) -> list[ExampleKey]:
    """Return the examples of a split of all tasks in a random order, in which the tasks take turns.

    Examples that the prompt to beat has `answered` come last: it owes its place partly to luck with them.
    """
    shuffled = []
    for task in tasks:
        keys = [(task.name, example.id) for example in task.split(split)]
        random.shuffle(keys)
        shuffled.append(sorted(keys, key=lambda key: key in answered))
    return [key for turn in zip_longest(*shuffled) for key in turn if key is not None]
