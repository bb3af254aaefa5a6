"""Directions: each request of a step asks for another kind of change, which the data suggest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from .material import Material, Parent

Kind = Literal[
    "form", "confused", "overused", "metric", "signs", "strategy", "border", "fresh", "shorter", "general"
]
_LEAST = 2
"""Number of examples from which a confusion or an unreadable reply is a pattern."""
_CONFUSED = 3
"""Greatest number of confused pairs that become directions."""
_OVERUSED = 1.5
"""An answer is overused if it is given so many times as often as it is right."""
_LONG = 60
"""Number of words from which an instruction may be asked to become shorter."""


@dataclass(frozen=True, slots=True)
class Direction:
    """A kind of change, with the facts of the data that suggest it."""

    kind: Kind
    one: str = ""
    """Right answer, overused answer, or metric."""
    other: str = ""
    """Answer that was given instead."""
    count: int = 0
    of: int = 0

    @property
    def name(self) -> str:
        """Name by which the requests of a step keep their directions apart."""
        return ":".join(part for part in (self.kind, self.one, self.other) if part)


def choose_direction(parent: Parent | None, material: Material, random: Random) -> Direction:
    """Return a direction that no other request of the step gives, or else any.

    Those that the answers of `parent` suggest come first, the weightiest first; then the general ones in
    random order.
    """
    suggested = list(_suggested(parent, material)) if parent else []
    general = _general(parent, material)
    random.shuffle(general)
    options = [*suggested, *general]
    fresh = [direction for direction in options if direction.name not in material.directed]
    return fresh[0] if fresh else random.choice(options)


def _suggested(parent: Parent, material: Material) -> Iterator[Direction]:
    for tally in parent.tallies:
        if tally.unreadable >= _LEAST:
            yield Direction("form", count=tally.unreadable, of=tally.examples)
    if not parent.tallies and sum(attempt.answered is None for attempt in parent.mistakes) >= _LEAST:
        yield Direction("form")
    for tally in parent.tallies:
        for answer, count in tally.answered.items():
            right = tally.golds.get(answer, 0)
            if count >= _OVERUSED * max(1, right) and count - right > max(_LEAST, tally.examples // 10):
                yield Direction("overused", answer, count=count, of=right)
        for confusion in tally.confusions[:_CONFUSED]:
            if confusion.answered is not None and confusion.count >= _LEAST:
                yield Direction("confused", confusion.gold, confusion.answered, confusion.count)
    names = {name for attempt in parent.mistakes for name in attempt.metrics or ()}
    yield from (Direction("metric", name) for name in sorted(names))


def _general(parent: Parent | None, material: Material) -> list[Direction]:
    kinds: list[Kind] = ["general", "strategy", "border", "fresh"]
    if any(task.answer.labels for task in material.tasks):
        kinds.append("signs")
    if parent is not None and len(parent.instruction.split()) >= _LONG:
        kinds.append("shorter")
    return [Direction(kind) for kind in kinds]


def most_words(parents: Sequence[Parent], direction: Direction | None, material: Material) -> int:
    """Return how many words the new instruction may have.

    A brief setting asks for few. A full one lets a prompt grow by a third, and at least to 120 words.
    """
    longest = max((len(parent.instruction.split()) for parent in parents), default=0)
    if direction is not None and direction.kind == "shorter":
        return max(20, round(0.7 * longest))
    if not material.briefing.full:
        return _rounded(max(60, longest))
    # Six characters a word, and the blank.
    return _rounded(min(max(120, round(longest * 4 / 3)), material.briefing.characters // 7))


def _rounded(words: int) -> int:
    return max(10, words // 10 * 10)
