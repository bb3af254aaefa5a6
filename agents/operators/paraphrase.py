"""A model says the same in other words: small steps around what is good already."""

from random import Random

from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, Parent, pick


class Paraphrase(Writer):
    """Rewords a good instruction."""

    name = "paraphrase"

    def wants(self, material: Material) -> bool:
        return bool(_worded(material))

    def question(self, material: Material, random: Random) -> Question:
        parent = pick(_worded(material), random)
        return Question(render("paraphrase", tasks=material.tasks, parent=parent), (parent,))


def _worded(material: Material) -> list[Parent]:
    return [parent for parent in material.parents if parent.instruction]
