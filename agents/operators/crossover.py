"""A model joins two good instructions (as in EvoPrompt, arXiv 2309.08532)."""

from random import Random

from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, differ, pick_two


class Crossover(Writer):
    """Merges two good instructions, the more different the more often."""

    name = "crossover"

    def wants(self, material: Material) -> bool:
        return differ(material.parents)

    def question(self, material: Material, random: Random) -> Question:
        one, other = pick_two(material.parents, random)
        return Question(render("crossover", tasks=material.tasks, one=one, other=other), (one, other))
