"""Crossover: a model joins two good instructions, as in EvoPrompt (arXiv 2309.08532)."""

from random import Random

from .base import Question, Writer
from .directions import choose_direction
from .material import Material, differ, pick_two


class Crossover(Writer):
    """Joins two good instructions. Pairs with few words in common are chosen more often."""

    name = "crossover"

    def wants(self, material: Material) -> bool:
        """Return whether there are two different instructions."""
        return differ(material.parents)

    def question(self, material: Material, random: Random) -> Question:
        """Show two good instructions and ask for one that joins their strengths."""
        one, other = pick_two(material.parents, random)
        direction = choose_direction(one, material, random) if material.briefing.full else None
        return self.compose(material, (one, other), direction=direction, one=one, other=other)
