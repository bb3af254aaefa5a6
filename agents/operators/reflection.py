"""Reflection: a model sees mistakes made with a prompt, states their cause, and improves the prompt.

As in ProTeGi (arXiv 2305.03495), which calls the diagnosis a textual gradient, and GEPA (arXiv 2507.19457).
"""

from random import Random

from .base import Question, Writer
from .dealing import deal
from .directions import choose_direction
from .material import Material, Parent, pick
from .selection import labelled

SHOWN = 5
"""Greatest number of mistakes shown. Tokens cost money, and five make the pattern visible."""
_SUCCESSES = 2
"""Greatest number of successes shown in a full request."""
_PREFERRED = 2
"""Number of prompts to choose from: the best ones, whose remaining mistakes matter."""


class Reflection(Writer):
    """Asks for a diagnosis of some mistakes of one of the best prompts, and for a better instruction.

    The user's own best prompt is reflected on too, less often.
    """

    name = "reflection"
    thinks = True

    def wants(self, material: Material) -> bool:
        """Return whether some prompt has known mistakes."""
        return any(parent.mistakes for parent in material.parents)

    def question(self, material: Material, random: Random) -> Question:
        """Show one of the best prompts with some of its mistakes and ask for an improved one."""
        parent = pick(_failing(material), random)
        full = material.briefing.full
        return self.compose(
            material,
            (parent,),
            attempts=deal(parent.mistakes, SHOWN, material),
            successes=deal(parent.successes, _SUCCESSES, material) if full else (),
            exemplars=labelled(material, random) if full else (),
            direction=choose_direction(parent, material, random) if full else None,
            parent=parent,
        )


def _failing(material: Material) -> list[Parent]:
    failing = [parent for parent in material.parents if parent.mistakes]
    best = [parent for parent in failing if not parent.stopped][:_PREFERRED] or failing[:_PREFERRED]
    return [*best, *[parent for parent in failing if parent.initial and parent not in best][:1]]
