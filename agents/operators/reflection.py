"""Reflection: a model sees mistakes made with a prompt, states their cause, and improves the prompt.

As in ProTeGi (arXiv 2305.03495), which calls the diagnosis a textual gradient, and GEPA (arXiv 2507.19457).
"""

from random import Random
from typing import ClassVar

from .base import Question, Writer
from .dealing import deal
from .directions import choose_direction
from .material import Material, Parent, pick
from .names import OperatorName
from .selection import labelled

SHOWN = 5
"""Greatest number of mistakes shown. Tokens cost money, and five make the pattern visible."""
_SUCCESSES = 2
"""Greatest number of successes shown in a full request."""
_PREFERRED = 2
"""Number of prompts to choose from: the best ones, whose remaining mistakes matter."""
_OWN = 0.1
"""Share of the reflections that is on the user's own best prompt, if it is none of these."""


class Reflection(Writer):
    """Asks for a diagnosis of some mistakes of one of the best prompts, and for a better instruction.

    The user's own best prompt is reflected on too, now and then.
    """

    name: ClassVar[OperatorName] = "reflection"
    thinks = True

    def wants(self, material: Material) -> bool:
        """Return whether some prompt has known mistakes."""
        return any(parent.mistakes for parent in material.parents)

    def question(self, material: Material, random: Random) -> Question:
        """Show one of the best prompts with some of its mistakes and ask for an improved one."""
        parent = _chosen(material, random)
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


def _chosen(material: Material, random: Random) -> Parent:
    failing = [parent for parent in material.parents if parent.mistakes]
    own = next((parent for parent in failing[_PREFERRED:] if parent.initial), None)
    return own if own is not None and random.random() < _OWN else pick(failing[:_PREFERRED], random)
