"""The landscapes whose answers get values, by name; and two whose answers are right or wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from transfer_prompting.agents.models.base import Model
from transfer_prompting.prompts.task import Task

from .landscape import Landscape, make_landscape
from .letters import make_letter_world
from .tag_world import BREVITY, BREVITY_LIMIT, make_tag_world
from .tasks import Sizes
from .world import HELPFUL, USELESS, World, rules_prompt

CONSTRAINTS: Mapping[str, tuple[str, ...]] = {"tags_and_length": (f"{BREVITY} >= {BREVITY_LIMIT}",)}
"""Constraints of the landscapes with several objectives."""


@dataclass(frozen=True, slots=True)
class RightOrWrong:
    """A landscape whose answers are right or wrong, as a `World`."""

    base: Landscape

    @property
    def task(self) -> Task:
        """The target task."""
        return self.base.target

    def models(self) -> dict[str, Model]:
        """Return the models of the scorer and the reference agent."""
        return {"scorer": self.base.task_model(), "reference": self.base.proposer_model()}

    def true_value(self, prompt: str) -> float:
        """Return the true accuracy."""
        return self.base.true_accuracy(prompt)

    def true_measures(self, prompt: str) -> dict[str, float]:
        """Return nothing: there is one metric."""
        return {}

    def best_prompt(self) -> str:
        """Return the prompt with all right rules."""
        weights = self.base.weights["target"]
        return rules_prompt(weights, self.base.truth.rules, len(weights))


def _right_or_wrong(seed: int, sizes: Sizes, helpful: bool) -> World:
    return RightOrWrong(make_landscape("hidden_rules" if helpful else "null", seed, sizes))


GRADED: Mapping[str, Callable[[int, Sizes, bool], World]] = {
    "right_or_wrong": _right_or_wrong,
    "tags": lambda seed, sizes, helpful: make_tag_world(
        seed, sizes, HELPFUL if helpful else USELESS, limited=False
    ),
    "letters": lambda seed, sizes, helpful: make_letter_world(seed, sizes, HELPFUL if helpful else USELESS),
    "tags_and_length": lambda seed, sizes, helpful: make_tag_world(
        seed, sizes, HELPFUL if helpful else USELESS, limited=True
    ),
}
"""Name of a landscape -> the function that makes it from a seed, the sizes, and whether rules help."""


def make_graded(name: str, seed: int, sizes: Sizes, *, helpful: bool) -> World:
    """Return the landscape `name` of `GRADED`. Without `helpful`, all prompts are worth the same on it."""
    return GRADED[name](seed, sizes, helpful)
