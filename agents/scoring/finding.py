"""Evidence of held-out examples about two prompts: comparisons, test, and the smallest gain to be seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..messages import Comparison
from ..messages.scores import Outcome
from .comparison import compare
from .guard import worse
from .paired_test import TestName, differences, name_of_test, p_different
from .power import shown_gain
from .verdict_sentence import sentence

LEVEL = 0.05
"""Highest p-value of an improvement."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The best prompt against the initial one, on examples that no choice has seen."""

    improved: bool
    comparisons: tuple[Comparison, ...]
    """The main metric first, then the composite score if it is the objective."""
    p_value: float
    """Two-sided p-value of no difference in the main metric."""
    test: TestName
    smallest_gain: float | None
    """Difference in the main metric that the examples would have shown with a probability of 80 %.

    None if an improvement was found, or if both are the same prompt.
    """

    def sentence(self, against_control: Sequence[Comparison] = ()) -> str:
        """Return the finding as a sentence, with the comparison with a control if there is one."""
        return sentence(
            self.comparisons,
            self.p_value,
            self.test,
            against_control,
            improved=self.improved,
            smallest_gain=self.smallest_gain,
        )


def find(
    best: Sequence[Outcome],
    initial: Sequence[Outcome],
    weights: Mapping[str, float],
    seed: int,
    title: str,
    *,
    same: bool,
) -> Finding:
    """Compare the outcomes of two prompts on the same examples in the same order; there must be some.

    `weights` are those of the objective, and `title` is the main metric in the user's words. `same` says that
    both are one prompt.
    """
    comparisons = compare(best, initial, weights, seed, title)
    found = differences(best, initial)
    p_value = p_different(found, seed)
    improved = _improved(best, initial, comparisons, p_value)
    graded = any(outcome.value not in (0, 1) for outcome in (*best, *initial))
    return Finding(
        improved=improved,
        comparisons=comparisons,
        p_value=p_value,
        test=name_of_test(found),
        smallest_gain=None if improved or same else round(shown_gain(found, graded=graded), 3),
    )


def _improved(
    best: Sequence[Outcome], initial: Sequence[Outcome], comparisons: Sequence[Comparison], p_value: float
) -> bool:
    """Return whether the best prompt is an improvement in what the run was to improve.

    That is the main metric: its whole interval lies above zero, and the test agrees. If the objective is a
    composite score, it is that score, unless the prompt is credibly worse in the main metric.
    """
    main, *composite = comparisons
    if not composite:
        return main.low > 0 and p_value <= LEVEL
    return composite[0].low > 0 and worse(best, initial) is None
