"""Format repair: a model sees inputs whose replies could not be read, and corrects the instruction."""

from random import Random

from .base import Question, Writer
from .dealing import deal
from .material import Attempt, Material, Parent, pick

SHOWN = 3
"""Greatest number of inputs shown."""


class FormatRepair(Writer):
    """Corrects a prompt after which some replies held no readable answer."""

    name = "format_repair"

    def wants(self, material: Material) -> bool:
        """Return whether some prompt has led to unreadable replies."""
        return any(_unread(parent) for parent in material.parents)

    def question(self, material: Material, random: Random) -> Question:
        """Show such a prompt with some of the inputs and ask for a clearer demand of the format."""
        parent = pick([parent for parent in material.parents if _unread(parent)], random)
        shown = deal(_unread(parent), SHOWN, material)
        return self.compose(material, (parent,), attempts=shown, parent=parent)


def _unread(parent: Parent) -> list[Attempt]:
    return [mistake for mistake in parent.mistakes if mistake.answered is None]
