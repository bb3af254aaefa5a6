"""Asking a reviewer about a prompt before it goes any further, and the reviewer's word."""

from typing import Literal

from ...prompts.candidate import Candidate
from .base import Message, Stage
from .stages import Standing

Moment = Literal["admission", "promotion"]
"""Before a candidate is scored, and before a source prompt is carried into the target stage."""
Verdict = Literal["passed", "vetoed", "amended"]


class ReviewRequested(Message):
    """The curator asks one reviewer about one prompt, and waits for its word."""

    kind: Literal["review.requested"] = "review.requested"
    stage: Stage
    step: int
    moment: Moment
    reviewer: str
    candidate: Candidate
    tasks: tuple[str, ...]
    """The tasks that the prompt is for: those of the stage, and at a promotion the target."""
    standing: Standing | None = None
    """What a prompt that is to be promoted has scored."""

    def gist(self) -> str:
        return f"{self.reviewer}, may {self.candidate.id} go on ({self.moment})?"


class ReviewGiven(Message):
    """A reviewer's word on a prompt."""

    kind: Literal["review.given"] = "review.given"
    moment: Moment
    reviewer: str
    candidate: str
    """The id of the prompt that was reviewed."""
    verdict: Verdict
    reason: str = ""
    amended: Candidate | None = None
    """What goes on in its place."""

    def gist(self) -> str:
        into = f" into {self.amended.id}" if self.amended else ""
        reason = f": {' '.join(self.reason.split())[:200]}" if self.reason else ""
        return f"{self.candidate} {self.verdict}{into}{reason}"
