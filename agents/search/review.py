"""The curator's side of reviews: whom to ask about which prompt, and what has come of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...prompts.candidate import Candidate
from ..messages import Moment, ReviewGiven, ReviewRequested
from .step_scheduler import StepScheduler


@dataclass(slots=True)
class Review:
    """What reviewers have made of one prompt."""

    original: Candidate
    current: Candidate
    veto: str | None = None


Request = Callable[[str, Review], ReviewRequested]
"""A reviewer and what it is to be asked about -> the message that asks."""


async def review(
    moment: Moment,
    candidates: Iterable[Candidate],
    reviewers: Mapping[Moment, Sequence[str]],
    request: Request,
    scheduler: StepScheduler,
) -> list[Review]:
    """What becomes of each of `candidates`: one reviewer after another is asked about those that are left.

    What a user wrote for a task is scored there without a review.
    """
    reviews = [Review(candidate, candidate) for candidate in candidates]
    own = "initial" if moment == "admission" else None
    for reviewer in reviewers.get(moment, ()):
        left = [one for one in reviews if one.veto is None and one.original.operator != own]
        words: list[ReviewGiven] = await scheduler.ask([request(reviewer, one) for one in left])
        for one, word in zip(left, words, strict=True):
            if word.verdict == "vetoed":
                one.veto = f"{word.reviewer}: {word.reason or 'no reason given'}"
            elif word.amended is not None:
                one.current = word.amended
    return reviews
