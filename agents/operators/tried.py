"""What was tried before, in short, for every full request: the best prompts, and failed ones of its kind."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..experience.lessons import Lesson
from ..messages import Rejection
from .material import Material, Parent

_BEST, _FAILED, _REJECTED, _LESSONS = 3, 3, 3, 5
"""Greatest numbers of the best prompts, of failed ones, of rejected ones, and of lessons."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Prompts that the request shows in short, each from the best to the worst."""

    best: Sequence[Parent] = ()
    failed: Sequence[Parent] = ()
    """Prompts of the same operator that were worse than the best prompt, or were stopped."""
    rejected: Sequence[Rejection] = ()
    """Prompts of the same operator that were rejected, the latest last."""
    lessons: Sequence[Lesson] = ()
    """Sentences that seem to have helped on other tasks."""


def tried_before(operator: str, shown: Sequence[Parent], material: Material) -> Tried:
    """Return what to show besides the prompts `shown`; nothing if the request is to be brief."""
    if not material.briefing.full:
        return Tried()
    seen = {parent.instruction for parent in shown}
    others: dict[str, Parent] = {}
    for parent in material.parents:
        if parent.instruction not in seen:
            others.setdefault(parent.instruction, parent)
    best = [parent for parent in others.values() if not parent.stopped][:_BEST]
    failed = [p for p in others.values() if p.operator == operator and (p.stopped or (p.gain or 0) < 0)]
    rejected = [rejection for rejection in material.rejections if rejection.operator == operator]
    return Tried(
        best,
        [p for p in failed if p not in best][:_FAILED],
        rejected[-_REJECTED:],
        material.untried[:_LESSONS],
    )
