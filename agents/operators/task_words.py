"""Edits that tell the model about the task: what it is, and what the answers are called."""

from random import Random

from ...prompts.rendering import render
from .base import Edit, Edited
from .material import Material, pick
from .sentences import beside


class Describe(Edit):
    """Says what the task is, before or behind a good instruction."""

    name = "describe"
    general = False

    def edit(self, material: Material, random: Random) -> Edited:
        parent = pick(material.parents, random)
        text = beside(parent.instruction, material.tasks[0].description, random)
        return text + parent.demonstrations, (parent.id,)


class NameOptions(Edit):
    """Names the labels behind a good instruction."""

    name = "name_options"
    general = False

    def wants(self, material: Material) -> bool:
        return bool(material.parents) and bool(material.tasks[0].answer.labels)

    def edit(self, material: Material, random: Random) -> Edited:
        parent = pick(material.parents, random)
        options = render("options", labels=material.tasks[0].answer.labels)
        return f"{parent.instruction} {options}".strip() + parent.demonstrations, (parent.id,)
