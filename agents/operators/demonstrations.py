"""Solved examples behind a good instruction. They belong to one task, and are chosen anew for another."""

from random import Random

from ...prompts.demonstrations import with_demonstrations
from ...prompts.reading.proposals import MAX_CHARACTERS
from ...prompts.task import Example
from .base import Edit, Edited
from .material import Material, Parent, pick
from .selection import Strategy, balanced, near_failures, one_of_each


class Demonstrations(Edit):
    """Shows training examples with their answers; those that were there before are replaced."""

    name = "demonstrations"
    general = False
    costly = True

    def wants(self, material: Material) -> bool:
        return bool(material.parents) and bool(material.tasks[0].train)

    def edit(self, material: Material, random: Random) -> Edited:
        parent = pick(material.parents, random)
        chosen = self._strategy(parent, random)(material.tasks[0].train, parent.mistakes, random)
        random.shuffle(chosen)  # The order matters to a model, and none is known to be the best.
        return _fitting(parent.instruction, chosen), (parent.id,)

    def _strategy(self, parent: Parent, random: Random) -> Strategy:
        return random.choice([one_of_each, balanced, *([near_failures] if parent.mistakes else [])])


def _fitting(instruction: str, examples: list[Example]) -> str:
    """The instruction with as many of the examples, from the first, as a prompt has room for."""
    prompts = [with_demonstrations(instruction, examples[:count]) for count in range(len(examples), 0, -1)]
    return next((prompt for prompt in prompts if len(prompt) <= MAX_CHARACTERS), instruction)
