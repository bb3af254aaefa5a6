"""Edits that add facts about the task: its description, or the names of its answers."""

from random import Random

from ...prompts.rendering import render
from .base import Edit, Edited
from .material import Material, pick
from .sentences import attach


class Describe(Edit):
    """Adds the description of the task before or after a good instruction."""

    name = "describe"
    general = False

    def edit(self, material: Material, random: Random) -> Edited:
        """Return a good prompt with the description of the task."""
        parent = pick(material.parents, random)
        text = attach(parent.instruction, material.tasks[0].description, random)
        return parent.with_instruction(text), (parent.id,)


class NameOptions(Edit):
    """Adds the names of the labels after a good instruction."""

    name = "name_options"
    general = False

    def wants(self, material: Material) -> bool:
        """Return whether there is a prompt and the task has labels."""
        return bool(material.parents) and bool(material.tasks[0].answer.labels)

    def edit(self, material: Material, random: Random) -> Edited:
        """Return a good prompt with the names of the labels."""
        parent = pick(material.parents, random)
        options = render("options", labels=material.tasks[0].answer.labels)
        return parent.with_instruction(f"{parent.instruction} {options}".strip()), (parent.id,)
