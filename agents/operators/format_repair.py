"""Making a prompt followed: a model sees where no answer could be read, and mends the instruction."""

from random import Random

from ...prompts.rendering import render
from .base import Question, Writer
from .material import Material, Mistake, Parent, pick

SHOWN = 3


class FormatRepair(Writer):
    """Mends a prompt whose replies could not be read."""

    name = "format_repair"

    def wants(self, material: Material) -> bool:
        return any(_unread(parent) for parent in material.parents)

    def question(self, material: Material, random: Random) -> Question:
        parent = pick([parent for parent in material.parents if _unread(parent)], random)
        unread = _unread(parent)
        shown = random.sample(unread, min(SHOWN, len(unread)))
        text = render("format_repair", tasks=material.tasks, parent=parent, mistakes=shown)
        return Question(text, (parent,))


def _unread(parent: Parent) -> list[Mistake]:
    return [mistake for mistake in parent.mistakes if mistake.answered is None]
