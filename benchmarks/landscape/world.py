"""The interface of the landscapes whose answers get values, and what their truth has in common."""

from collections.abc import Mapping
from typing import Protocol

from transfer_prompting.agents.models.base import Model
from transfer_prompting.prompts.task import Task

from .truth import Shape
from .words import OPENINGS, rule

HELPFUL = Shape()
"""Numbers of a landscape whose rules help."""
USELESS = Shape(low=0.6, high=0.6, harm=0.0, tip=0.0, demonstration=0.0, touchy=1.0)
"""Numbers of a landscape on which every prompt is worth the same, though each wording has its own luck."""


class World(Protocol):
    """A simulated task with its models, and the truth about every prompt."""

    @property
    def task(self) -> Task:
        """The task whose main metric is optimised."""
        ...

    def models(self) -> dict[str, Model]:
        """Return the models of a run, by role."""
        ...

    def true_value(self, prompt: str) -> float:
        """Return the expected value of the main metric, in [0, 1], on a new example."""
        ...

    def true_measures(self, prompt: str) -> Mapping[str, float]:
        """Return the expected value of each further metric on a new example."""
        ...

    def best_prompt(self) -> str:
        """Return a prompt with the highest true value among those that keep the task's constraint."""
        ...


def rules_prompt(weights: Mapping[str, float], rules: Mapping[str, str], count: int) -> str:
    """Return a prompt with the right rules of the `count` topics that have the greatest weights.

    Topics differ in their weights alone, so no other prompt with as many rules is better.
    """
    heaviest = sorted(weights, key=lambda topic: -weights[topic])[:count]
    return " ".join([min(OPENINGS, key=len), *(rule(topic, rules[topic]) for topic in heaviest)])
