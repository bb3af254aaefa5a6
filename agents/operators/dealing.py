"""Deal the examples of a prompt out to the requests of a step, so that each shows different ones."""

from collections.abc import Sequence

from .material import Attempt, Material


def deal(attempts: Sequence[Attempt], count: int, material: Material) -> list[Attempt]:
    """Return up to `count` attempts in their order, those first that no other request of the step shows.

    The order of the attempts varies their right answers, and so does each hand.
    """
    fresh = [attempt for attempt in attempts if attempt.key not in material.taken]
    again = [attempt for attempt in attempts if attempt.key in material.taken]
    return [*fresh, *again][:count]
