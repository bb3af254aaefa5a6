"""One race: the candidates of a step answer the same examples in the same order, block by block."""

from collections.abc import Callable, Collection, Container, Mapping, Sequence
from itertools import zip_longest
from math import ceil
from random import Random

import numpy as np

from ...prompts.task import Task
from .race_rules import RaceRule, chance_left, unpromising

ExampleKey = tuple[str, str]
"""A task and the id of one of its examples."""
Utilities = Callable[[str, Sequence[ExampleKey]], list[float]]
"""What a candidate scored on each of the places, in [0, 1]."""
CERTAIN = 0.9
"""A race is over once its leader is this likely to beat the incumbent on all examples."""
ROUND = 24
"""Examples asked in a round at least, over all candidates: a backend should not idle behind a small field."""


class Race:
    """Who is still in, what they are asked next, and who has won.

    `order` holds all development examples of the stage. The `incumbent` is the prompt to beat: it runs
    along and is never stopped, and it may change; without one the candidates race each other. Without a
    `rule` all go the whole way.
    """

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
        self.stopped: dict[str, int] = {}
        self.seen: Sequence[ExampleKey] = ()
        self.winner: str | None = None
        """Who has beaten the incumbent, or all others; known when the race is over."""
        self.over = False
        self.cost = 0
        """Examples asked for it so far, of everybody together."""
        self._order = list(order)
        self._compared: tuple[int, str | None] = (0, incumbent)
        """How many examples everybody had seen when the race was last judged, and against whom."""
        self._rule = rule

    @property
    def total(self) -> int:
        """The number of examples of the whole course."""
        return len(self._order)

    @property
    def saved(self) -> int:
        """Examples that the candidates did not have to answer."""
        return len(self.entered) * self.total - len(self.field) * len(self.seen) - sum(self.stopped.values())

    @property
    def compared(self) -> int:
        """Examples that everybody had answered at the last look."""
        return self._compared[0]

    def next_block(self, at_least: int = ROUND) -> Sequence[ExampleKey]:
        """The examples that everybody in the race, the incumbent too, is to have answered next.

        Of the whole field they are `at_least` so many, and before the first look as many as a look needs.
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

    def leave_out(self, places: Container[ExampleKey]) -> None:
        """Take examples off the course, for everybody: somebody could not be asked them."""
        for id_, seen in self.stopped.items():
            self.stopped[id_] = sum(place not in places for place in self.seen[:seen])
        compared, against = self._compared
        self._compared = sum(place not in places for place in self.seen[:compared]), against
        self.seen = [place for place in self.seen if place not in places]
        self._order = [place for place in self._order if place not in places]

    def break_off(self, best: str) -> None:
        """End the race where it was last judged, and leave it at the `best` prompt so far."""
        compared, self.incumbent = self._compared
        self.seen = self.seen[:compared]
        self.over = True
        self.winner = best if best in self.entered else None

    def compare(self, utilities: Utilities, spared: Collection[str] = ()) -> dict[str, str]:
        """Take out who cannot win any more: id -> why; see whether the race is over, and who has won.

        The `spared` may win by something else than their utility: with them the race goes the whole way.
        """
        mine = {id_: utilities(id_, self.seen) for id_ in self.field}
        theirs = utilities(self.incumbent, self.seen) if self.incumbent else None
        finished = len(self.seen) == self.total
        reasons: dict[str, str] = {}
        # At the end there is nothing left to save, and all examples know better than the last whole block.
        if self._rule is not None and not finished:
            reasons = unpromising(mine, theirs, self.total, self._rule, entered=len(self.entered))
        reasons = {id_: reason for id_, reason in reasons.items() if id_ not in spared}
        self.field = [id_ for id_ in self.field if id_ not in reasons]
        self.stopped |= dict.fromkeys(reasons, len(self.seen))
        self.over, self.winner = False, None
        if finished or not spared or not self.field:
            self.over, self.winner = self._decided(mine, theirs, finished)
        self._compared = len(self.seen), self.incumbent
        return reasons

    def _decided(
        self, mine: Mapping[str, Sequence[float]], theirs: Sequence[float] | None, finished: bool
    ) -> tuple[bool, str | None]:
        """Whether the race is over, and who has won it then."""
        if not self.field:
            return True, None
        if not self.seen:
            # No example could be asked: nothing speaks against the first.
            return finished, self.entered[0] if finished and theirs is None else None
        leader = max(self.field, key=lambda id_: sum(mine[id_]))
        if theirs is None:
            over = finished or len(self.field) == 1
            return over, leader if over else None
        ahead = np.asarray(mine[leader]) - np.asarray(theirs)
        if finished or self._rule is None:
            return finished, leader if finished and ahead.mean() > 0 else None
        sure = chance_left(ahead, self.total, self._rule.min_gain, self._rule.prior) >= CERTAIN
        return sure, leader if sure else None


def race_order(
    tasks: Sequence[Task], random: Random, answered: Container[ExampleKey] = ()
) -> list[ExampleKey]:
    """The development examples of all tasks in a random order, the tasks taking turns.

    Those that the prompt to beat has `answered` already come last: it owes its place to some luck with them.
    """
    shuffled = []
    for task in tasks:
        places = [(task.name, example.id) for example in task.dev]
        random.shuffle(places)
        shuffled.append(sorted(places, key=lambda place: place in answered))
    return [place for turn in zip_longest(*shuffled) for place in turn if place is not None]
