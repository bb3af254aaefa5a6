"""Reflection: a model sees mistakes made with a prompt, states their cause, and improves the prompt.

As in ProTeGi (arXiv 2305.03495), which calls the diagnosis a textual gradient, and GEPA (arXiv 2507.19457).
"""

from random import Random

from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, pick

SHOWN = 5
"""Greatest number of mistakes shown. Tokens cost money, and five make the pattern visible."""
_PREFERRED = 2
"""Number of prompts to choose from: the best ones, whose remaining mistakes matter."""


class Reflection(Writer):
    """Asks for a diagnosis of some mistakes of one of the best prompts, and for a better instruction."""

    name = "reflection"
    thinks = True

    def wants(self, material: Material) -> bool:
        """Return whether some prompt has known mistakes."""
        return any(parent.mistakes for parent in material.parents)

    def question(self, material: Material, random: Random) -> Question:
        """Show one of the best prompts with some of its mistakes and ask for an improved one."""
        failing = [parent for parent in material.parents if parent.mistakes][:_PREFERRED]
        parent = pick(failing, random)
        shown = random.sample(parent.mistakes, min(SHOWN, len(parent.mistakes)))
        text = render("reflection", tasks=material.tasks, parent=parent, mistakes=shown)
        return Question(text, (parent,))
