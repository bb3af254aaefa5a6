"""The operator of OPRO (arXiv 2309.03409): a model sees what was tried, with scores, and writes another."""

from collections.abc import Sequence
from random import Random

from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, Parent


class History(Writer):
    """Shows the history in ascending order of score, which OPRO found to be the best, and some exemplars."""

    name = "history"

    def wants(self, material: Material) -> bool:
        return True

    def question(self, material: Material, random: Random) -> Question:
        text = render(
            "history",
            tasks=material.tasks,
            exemplars=material.exemplars,
            history=list(reversed(_distinct(material.parents))),
        )
        return Question(text, tuple(material.parents))


def _distinct(parents: Sequence[Parent]) -> list[Parent]:
    """The best of those that differ in nothing but their demonstrations, with some and without any."""
    found: dict[tuple[str, bool], Parent] = {}
    for parent in parents:
        found.setdefault((parent.instruction, bool(parent.demonstrations)), parent)
    return list(found.values())
