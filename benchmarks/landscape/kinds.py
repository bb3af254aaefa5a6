"""The landscapes by name: which numbers and which tasks each has."""

from dataclasses import dataclass

from .truth import Shape


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes a landscape: its chances, whether the seed prompts are defective, how many source tasks."""

    shape: Shape
    defective: bool = False
    sources: int = 0


KINDS = {
    "hidden_rules": Kind(Shape()),
    "tradeoff": Kind(Shape(length_cost=0.003)),
    "null": Kind(Shape(low=0.6, high=0.6, harm=0.0, tip=0.0, demonstration=0.0, touchy=1.0)),
    "defective_seed": Kind(Shape(), defective=True),
    "source_target": Kind(Shape(), sources=2),
    "noisy_judge": Kind(Shape()),
}
WEIGHTS = (0.24, 0.19, 0.15, 0.12, 0.10, 0.08, 0.07, 0.05)
"""Shares of a task's topics among its examples."""
SHARED = 5
"""How many topics a source task has in common with the target task, the heaviest ones first."""
