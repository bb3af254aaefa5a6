"""History: a model sees the prompts tried so far with their scores and writes another.

As in OPRO (arXiv 2309.03409).
"""

from collections.abc import Sequence
from random import Random

from .base import Question, Writer
from .directions import choose_direction
from .material import Material, Parent
from .selection import labelled


class History(Writer):
    """Shows the history in ascending order of score, which OPRO found best, and some solved examples."""

    name = "history"

    def wants(self, material: Material) -> bool:
        """Return True: without a history, the tasks and the examples alone are shown."""
        return True

    def question(self, material: Material, random: Random) -> Question:
        """Show the history and some examples, and ask for an instruction that is likely to score higher."""
        distinct = _distinct(material.parents)
        leader = next((parent for parent in distinct if parent.tallies), None)
        direction = choose_direction(leader, material, random) if material.briefing.full else None
        return self.compose(
            material,
            distinct,
            exemplars=labelled(material, random),
            direction=direction,
            origin=material.parents,
            history=sorted(distinct, key=lambda parent: (parent.score, -parent.rank)),
            leader=leader,
        )


def _distinct(parents: Sequence[Parent]) -> list[Parent]:
    """Return the best parent of each instruction, one with demonstrations and one without."""
    found: dict[tuple[str, bool], Parent] = {}
    for parent in parents:
        found.setdefault((parent.instruction, bool(parent.demonstrations)), parent)
    return list(found.values())
