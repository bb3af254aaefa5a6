"""Demonstrations: training examples with their answers after a good instruction, chosen for one task."""

from random import Random

from ...prompts.demonstrations import with_demonstrations
from ...prompts.task import Example
from .base import Edit, Edited
from .material import Material, Parent, pick
from .selection import Strategy, balanced, near_failures, one_of_each


class Demonstrations(Edit):
    """Replaces the demonstrations of a good prompt with other training examples of the task."""

    name = "demonstrations"
    general = False
    costly = True
    whole = True

    def wants(self, material: Material) -> bool:
        """Return whether there are a prompt and training examples, and no program, whose requests differ."""
        task = material.tasks[0]
        return bool(material.parents) and bool(task.train) and task.program is None

    def edit(self, material: Material, random: Random) -> Edited:
        """Return the instruction of a good prompt followed by examples chosen by a random strategy."""
        parent = pick(material.parents, random)
        chosen = self._strategy(parent, random)(material.tasks[0].train, parent.mistakes, random)
        random.shuffle(chosen)  # The order matters to a model, and the best one is unknown.
        texts = parent.before + parent.instruction + parent.after
        return _fitting(texts, chosen, material.briefing.characters), (parent.id,)

    def _strategy(self, parent: Parent, random: Random) -> Strategy:
        return random.choice([one_of_each, balanced, *([near_failures] if parent.mistakes else [])])


def _fitting(instruction: str, examples: list[Example], limit: int) -> str:
    """Return the instruction with as many of the first examples as fit into `limit` characters."""
    prompts = [with_demonstrations(instruction, examples[:count]) for count in range(len(examples), 0, -1)]
    return next((prompt for prompt in prompts if len(prompt) <= limit), instruction)
