"""Sequential tests and bounds by betting, which stay valid however often one looks at them.

A gambler bets against a hypothesis, example by example, with stakes fixed in advance. If the hypothesis is
true, the gambler's wealth is not expected to grow, and the probability that it ever reaches 1/alpha is at
most alpha (Ville's inequality). So one may look after every example and stop at will. Source: Waudby-Smith &
Ramdas, "Estimating means of bounded random variables by betting" (JRSS B, 2024; arXiv 2010.09686).
Differences are those of two prompts' utilities on the same examples, each in [-1, 1].
"""

from collections.abc import Sequence
from math import pi

import numpy as np

from .metrics import Vector

STAKES = (0.05, 0.1, 0.2, 0.4, 0.8)
"""Stakes, as shares of the wealth. The gambler splits the wealth among them once and is never ruined.

The stake that grows fastest depends on the unknown mean. The mixture stays within a factor of 5, the number
of stakes, of the best one. In simulated races a stake estimated on the way needed up to 8 % fewer examples,
but its wealth does not fall steadily with the tested mean, as `lower_bound` requires.
"""
_ROUNDING = 1e-9
"""Rounding error allowed in a sum of differences, in examples."""


def cannot_win(differences: Sequence[float], total: int, margin: float = 0.0) -> float:
    """Return the e-value against "the mean difference over all `total` examples is at least `margin`".

    `differences` (candidate minus rival) are those of the examples seen so far, drawn one by one at random
    and without replacement from the `total`. The e-value is the greatest on the way. It is infinite if even
    the best possible remainder would not suffice. A candidate that is stopped at k/alpha would have won with
    a probability of at most alpha/k: over k candidates, or k rivals of one candidate, alpha in all.
    """
    d = np.asarray(differences, dtype=np.float64)
    left = total - np.arange(d.size)
    lead = np.cumsum(d) - d
    # Mean that the remaining examples need: at the border of the hypothesis, the mean of the next one.
    needed = (total * margin - lead) / left
    if d.size and d.sum() + left[-1] - 1 < total * margin - _ROUNDING:
        return float("inf")
    # A needed mean of 1 means that all remaining examples must be won; a loss among them is caught above.
    room = np.maximum(1 - needed, _ROUNDING)
    return _wealth(np.where(needed < 1, (needed - d) / room, 0.0))


def e_value(differences: Sequence[float]) -> float:
    """Return the e-value against "the mean difference is zero or less": the greatest so far, at least 1.

    Here the examples are a sample of all possible examples of the task, so the result holds for new ones as
    well. `1 / e_value` (at most 1) is a p-value that stays valid whenever one stops.
    """
    return _wealth(np.asarray(differences, dtype=np.float64))


def lower_bound(values: Sequence[float], alpha: float, least: float = -1.0) -> float:
    """Return a lower bound of the mean of `values`, each in [`least`, 1], on new examples.

    The values are differences, or with a `least` of 0 the utilities of one prompt. With a probability of
    1 - `alpha` the bound holds after all numbers of examples simultaneously. It is the greatest mean that
    the gambler has refuted, found by bisection.
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
    """Return the level of the `claim`-th claim of a run (from 1): alpha * 6 / (pi * claim)^2.

    However many claims follow, the probability that any of them is false is at most `alpha`.
    """
    return alpha * 6 / (pi * claim) ** 2


def _wealth(gains: Vector) -> float:
    """Return the greatest wealth on the way from 1, if each stake pays a gain (at least -1) times itself."""
    logs = np.cumsum(np.log1p(np.outer(STAKES, gains)), axis=1)
    # Infinity is reserved for certainty, so the wealth stays below the overflow at about e^700.
    return float(np.exp(np.minimum(logs, 700.0)).mean(axis=0).max(initial=1.0))
