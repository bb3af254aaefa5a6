"""History: a model sees the prompts tried so far with their scores and writes another.

As in OPRO (arXiv 2309.03409).
"""

from collections.abc import Sequence
from random import Random

from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, Parent


class History(Writer):
    """Shows the history in ascending order of score, which OPRO found best, and some solved examples."""

    name = "history"

    def wants(self, material: Material) -> bool:
        """Return True: without a history, the tasks and the examples alone are shown."""
        return True

    def question(self, material: Material, random: Random) -> Question:
        """Show the history and some examples, and ask for an instruction that is likely to score higher."""
        text = render(
            "history",
            tasks=material.tasks,
            exemplars=material.exemplars,
            history=list(reversed(_distinct(material.parents))),
        )
        return Question(text, tuple(material.parents))


def _distinct(parents: Sequence[Parent]) -> list[Parent]:
    """Return the best parent of each instruction, one with demonstrations and one without."""
    found: dict[tuple[str, bool], Parent] = {}
    for parent in parents:
        found.setdefault((parent.instruction, bool(parent.demonstrations)), parent)
    return list(found.values())
