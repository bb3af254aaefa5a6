"""The smallest gain that held-out examples can show."""

from collections.abc import Sequence
from math import sqrt

from ...prompts.sums import summed
from ...prompts.task import Task
from .intervals import NORMAL_975

_NORMAL_80 = 0.8416212335729143
"""80 % quantile of the normal distribution."""
SPREAD_OF_RIGHT_OR_WRONG = 0.25
"""Share of the examples on which two prompts usually differ in being right."""
SPREAD_OF_GRADES = 0.09
"""Usual mean square of the difference between two prompts in a graded metric: that of a deviation of 0.3."""


_GRADED = frozenset(
    {"token_f1", "rouge_1", "rouge_2", "rouge_l", "bleu", "chrf", "set_f1", "jaccard", "json_fields", "judge"}
)
"""Metrics whose values usually lie between right and wrong."""


def smallest_gain(n: int, spread: float, *, graded: bool = False) -> float:
    """Return the smallest difference in the main metric that `n` examples show with a probability of 80 %.

    It is shown if the paired test of both prompts on the examples gives p <= 0.05, two-sided. `spread` is the
    mean squared difference of the prompts on an example: the share of examples on which they differ if
    answers are right or wrong, and the variance of the differences plus their squared mean if they are
    `graded`. The result is at most 1, and 1 for fewer than six examples, which can show nothing.

    The formula is that of Connor (Biometrics 1987) with a correction of half an example; the power of the
    exact McNemar test at the result lies between 75 % and 85 % for 20 to 400 examples.
    """
    low, high = 0.0, 1.0
    if n < 6:
        return high
    while high - low > 1e-6:
        gain = (low + high) / 2
        # Two prompts that differ by some share of right answers differ on as many examples.
        square = max(spread, gain**2 if graded else gain)
        needed = NORMAL_975 * sqrt(square) + _NORMAL_80 * sqrt(max(0.0, square - gain**2))
        if sqrt(n) * (gain - 1 / (2 * n)) >= needed:
            high = gain
        else:
            low = gain
    return high


def usual_gain(task: Task, n: int) -> float:
    """Return `smallest_gain` for `n` examples of a task, before any was answered.

    Two prompts are expected to differ as usual. A metric that may be of either kind, such as one of the
    user's own, is taken as right or wrong, which needs more examples.
    """
    kind = task.answer.type
    graded = task.metrics[0].use in _GRADED if task.metrics else kind in ("list", "json")
    spread = SPREAD_OF_GRADES if graded else SPREAD_OF_RIGHT_OR_WRONG
    return smallest_gain(n, spread, graded=graded)


def shown_gain(differences: Sequence[float], *, graded: bool) -> float:
    """Return `smallest_gain` for two prompts that differ as much as `differences` do."""
    spread = summed(d * d for d in differences) / len(differences)
    return smallest_gain(len(differences), spread, graded=graded)
