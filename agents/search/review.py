"""The curator's side of reviews: it asks the reviewers about prompts and collects their verdicts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...prompts.candidate import Candidate
from ..messages import Moment, ReviewGiven, ReviewRequested
from .step_scheduler import StepScheduler


@dataclass(slots=True)
class Review:
    """A prompt under review: its text so far, and the veto if there is one."""

    original: Candidate
    current: Candidate
    veto: str | None = None


Request = Callable[[str, Review], ReviewRequested]
"""A function that makes the question to a reviewer (by name) about a prompt."""


async def review(
    moment: Moment,
    candidates: Iterable[Candidate],
    reviewers: Mapping[Moment, Sequence[str]],
    request: Request,
    scheduler: StepScheduler,
) -> list[Review]:
    """Ask one reviewer after another about the candidates that are left; return the reviews of all.

    The initial prompts of a task are not reviewed before they are scored.
    """
    reviews = [Review(candidate, candidate) for candidate in candidates]
    own = "initial" if moment == "admission" else None
    for reviewer in reviewers.get(moment, ()):
        left = [one for one in reviews if one.veto is None and one.original.operator != own]
        verdicts: list[ReviewGiven] = await scheduler.ask([request(reviewer, one) for one in left])
        for one, given in zip(left, verdicts, strict=True):
            if given.verdict == "vetoed":
                one.veto = f"{given.reviewer}: {given.reason or 'no reason given'}"
            elif given.amended is not None:
                one.current = given.amended
    return reviews
