"""Evidence that stays valid however often one looks at it: tests and bounds by betting.

A gambler bets against a hypothesis, example by example, with stakes fixed before each. Were it true, the
gambler's wealth would be expected not to grow, and would ever reach 1/alpha with a probability of alpha at
most (Ville's inequality), so one may look after every example and stop at will. After Waudby-Smith & Ramdas,
"Estimating means of bounded random variables by betting" (JRSS B, 2024; arXiv 2010.09686). Differences are
those of two prompts' utilities on the same examples, each in [-1, 1].
"""

from collections.abc import Sequence
from math import pi

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

STAKES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Shares of the wealth; the gambler splits it among them once and is never ruined.

Which stake grows fastest depends on a difference that nobody knows; the mixture is within a factor of their
number of the best of them. In simulated races a stake estimated as it goes needed up to 8 % fewer examples,
but its wealth does not fall steadily with the mean that is tested, which `lower_bound` relies on.
"""
_ROUNDING = 1e-9
"""In examples: how far a sum of differences may be off."""


def cannot_win(differences: Sequence[float], total: int, margin: float = 0.0) -> float:
    """The e-value against "the mean difference over all `total` examples is at least `margin`".

    `differences` (candidate minus rival) are those of the examples seen so far, drawn one by one at random
    and without replacement from the `total`. The e-value is the greatest on the way; infinite where even
    the best of remainders would not do. Stopping a candidate at k/alpha stops one that would have won with a
    probability of alpha/k at most: over k candidates, or one candidate's k rivals, alpha together.
    """
    d = np.asarray(differences, dtype=np.float64)
    left = total - np.arange(d.size)
    lead = np.cumsum(d) - d
    # What the rest must still bring on average: at the border of the hypothesis, the next one's mean.
    needed = (total * margin - lead) / left
    if d.size and d.sum() + left[-1] - 1 < total * margin - _ROUNDING:
        return float("inf")
    # Only examples that must all be won need an average of 1; missing one of those ends it above.
    room = np.maximum(1 - needed, _ROUNDING)
    return _wealth(np.where(needed < 1, (needed - d) / room, 0.0))


def e_value(differences: Sequence[float]) -> float:
    """The e-value against "the mean difference is zero or less": the greatest so far, at least 1.

    Here the examples are a sample of all that the task could ask, so that it speaks of new examples too.
    `1 / e_value` (at most 1) is a p-value that holds whenever one stops.
    """
    return _wealth(np.asarray(differences, dtype=np.float64))


def lower_bound(values: Sequence[float], alpha: float, least: float = -1.0) -> float:
    """A lower bound of the mean on new examples, of values that lie in [`least`, 1].

    These are differences, or with a `least` of 0 the utilities of one prompt. The bound holds after every
    number of examples at once with a probability of 1 - `alpha`: the greatest mean that the gambler has
    refuted, found by bisection.
    """
    x = np.asarray(values, dtype=np.float64)
    low, high = least, 1.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if _wealth((x - middle) / (middle - least)) >= 1 / alpha:
            low = middle
        else:
            high = middle
    return low


def alpha_spending(claim: int, alpha: float) -> float:
    """The level for the `claim`-th claim of a run (from 1): alpha * 6 / (pi * claim)^2.

    However many claims follow, any of them is false with a probability of `alpha` at most.
    """
    return alpha * 6 / (pi * claim) ** 2


def _wealth(gains: Vector) -> float:
    """The greatest wealth on the way, from 1, when each stake pays gain (at least -1) times itself."""
    logs = np.cumsum(np.log1p(np.outer(STAKES, gains)), axis=1)
    # Beyond e^700 it would be infinite, which is kept for what is certain.
    return float(np.exp(np.minimum(logs, 700.0)).mean(axis=0).max(initial=1.0))
