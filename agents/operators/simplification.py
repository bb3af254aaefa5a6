"""A model says the same in fewer words: a shorter prompt costs less on every example, and misleads less."""

from random import Random

from ...prompts.reading.proposals import Unparsed
from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, Parent, pick

_LONG = 12
"""Instructions of fewer words have nothing to leave out."""


class Simplification(Writer):
    """Shortens a long instruction."""

    name = "simplification"

    def wants(self, material: Material) -> bool:
        return bool(_long(material))

    def question(self, material: Material, random: Random) -> Question:
        parent = pick(_long(material), random)
        return Question(render("simplification", tasks=material.tasks, parent=parent), (parent,))

    def read(self, reply: str, question: Question) -> str:
        """As every writer, and the new instruction must be shorter than the old one."""
        text = super().read(reply, question)
        [parent] = question.parents
        if len(text) >= len(parent.instruction) + len(parent.demonstrations):
            raise Unparsed("it is not shorter than the old instruction")
        return text


def _long(material: Material) -> list[Parent]:
    return [parent for parent in material.parents if len(parent.instruction.split()) >= _LONG]
