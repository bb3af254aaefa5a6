"""Paraphrase: a model rewords a good instruction, a small step in the search."""

from random import Random

from .base import Question, Writer
from .material import Material, Parent, pick


class Paraphrase(Writer):
    """Rewords a good instruction without changing its meaning."""

    name = "paraphrase"

    def wants(self, material: Material) -> bool:
        """Return whether some prompt has an instruction."""
        return bool(_with_instruction(material))

    def question(self, material: Material, random: Random) -> Question:
        """Show a good instruction and ask for the same in other words."""
        parent = pick(_with_instruction(material), random)
        return self.compose(material, (parent,), parent=parent)


def _with_instruction(material: Material) -> list[Parent]:
    return [parent for parent in material.parents if parent.instruction]
