"""The guard of the main metric: evidence that one prompt is worse than another, whatever else it is good at.

It is asked once for each takeover, so its error is that of one test: a prompt that is no worse is refused
with a probability of at most the level. The test is the exact permutation test of `paired_test`. It refutes
"no worse" after about half of the examples that a test by betting needs, which holds however often one looks.
"""

from collections.abc import Mapping, Sequence

from ...prompts.sums import summed
from ..messages.scores import Outcome
from .objective import is_composite
from .paired_test import differences, p_worse

LEVEL = 0.05
"""Highest probability that a prompt which is no worse is refused."""
_COMPOSITE_LEVEL = 0.2
"""The same in a search for a composite score. There a gain in calibration often comes with a loss in the main
metric, and on the examples of a stage even a loss of 18 points is seldom sure at 5 %."""
_SEED = 0


def search_level(weights: Mapping[str, float]) -> float:
    """Return the level of the guard in a search with these weights of the objective."""
    return _COMPOSITE_LEVEL if is_composite(weights) else LEVEL


def worse(first: Sequence[Outcome], other: Sequence[Outcome], level: float = LEVEL) -> float | None:
    """Return the p-value by which `first` is credibly worse in the main metric than `other`, or None.

    Both hold the outcomes of the same examples in the same order.
    """
    found = differences(first, other)
    if summed(found) >= 0:
        return None
    p_value = p_worse(found, _SEED)
    return p_value if p_value <= level else None
