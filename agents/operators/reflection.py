"""Learning from failures: a model sees what went wrong with a prompt, says why, and mends it.

As in ProTeGi (arXiv 2305.03495), which calls the diagnosis a gradient in words, and GEPA (arXiv 2507.19457).
"""

from random import Random

from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, pick

SHOWN = 5
"""Mistakes shown at most: tokens are money, and a handful makes the pattern visible."""
_PREFERRED = 2
"""It mends the best prompts: those whose remaining mistakes matter."""


class Reflection(Writer):
    """Asks for a diagnosis of some mistakes of one of the best prompts, and for a better instruction."""

    name = "reflection"
    thinks = True

    def wants(self, material: Material) -> bool:
        return any(parent.mistakes for parent in material.parents)

    def question(self, material: Material, random: Random) -> Question:
        failing = [parent for parent in material.parents if parent.mistakes][:_PREFERRED]
        parent = pick(failing, random)
        shown = random.sample(parent.mistakes, min(SHOWN, len(parent.mistakes)))
        text = render("reflection", tasks=material.tasks, parent=parent, mistakes=shown)
        return Question(text, (parent,))
