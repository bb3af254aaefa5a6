"""The named landscapes, each with its numbers and tasks."""

from dataclasses import dataclass

from .truth import Shape


@dataclass(frozen=True, slots=True)
class Kind:
    """Parameters of a landscape: its probabilities, defective seed prompts or not, number of source tasks."""

    shape: Shape
    defective: bool = False
    sources: int = 0


KINDS = {
    "hidden_rules": Kind(Shape()),
    "tradeoff": Kind(Shape(length_cost=0.003)),
    "null": Kind(Shape(low=0.6, high=0.6, harm=0.0, tip=0.0, demonstration=0.0, touchy=1.0)),
    "defective_seed": Kind(Shape(), defective=True),
    "source_target": Kind(Shape(), sources=2),
    "earlier_runs": Kind(Shape(), sources=6),
    "noisy_judge": Kind(Shape()),
}
WEIGHTS = (0.24, 0.19, 0.15, 0.12, 0.10, 0.08, 0.07, 0.05)
"""TimeShare of each topic among the examples of a task."""
SHARED = 5
"""Number of topics that a source task shares with the target task. The heaviest ones are preferred."""
