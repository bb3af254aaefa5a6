"""Simplification: a model shortens a long instruction.

A shorter prompt costs less on every example and misleads less.
"""

from random import Random

from ...prompts.reading.proposals import Unparsed
from .base import Question, Writer
from .directions import Direction
from .material import Material, Parent, pick

_LONG = 12
"""Number of words from which an instruction is long. Shorter ones have nothing to leave out."""


class Simplification(Writer):
    """Shortens a long instruction without changing its effect."""

    name = "simplification"

    def wants(self, material: Material) -> bool:
        """Return whether some instruction is long."""
        return bool(_long(material))

    def question(self, material: Material, random: Random) -> Question:
        """Show a long instruction and ask for a shorter one with the same effect."""
        parent = pick(_long(material), random)
        return self.compose(material, (parent,), direction=Direction("shorter"), parent=parent)

    def read(self, reply: str, question: Question) -> str:
        """Return the new prompt in `reply`. Raises `Unparsed` also if it is not shorter than the old one."""
        text = super().read(reply, question)
        if len(text) >= len(question.parents[0].text):
            raise Unparsed("it is not shorter than the old instruction")
        return text


def _long(material: Material) -> list[Parent]:
    return [parent for parent in material.parents if len(parent.instruction.split()) >= _LONG]
