"""Reviews of a prompt before it is scored or promoted: the curator's request and the reviewer's verdict."""

from typing import ClassVar, Literal

from ...prompts.candidate import Candidate
from .base import Message, Stage
from .stages import Standing

Moment = Literal["admission", "promotion"]
"""Time of a review.

"admission": before a candidate is scored. "promotion": before a source prompt enters the target stage.
"""
Verdict = Literal["passed", "vetoed", "amended"]


class ReviewRequested(Message):
    """The curator asks one reviewer about one prompt, and waits for the verdict."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["review.requested"] = "review.requested"
    stage: Stage
    step: int
    moment: Moment
    reviewer: str
    """Name of the reviewer's role."""
    candidate: Candidate
    tasks: tuple[str, ...]
    """Tasks that the prompt is meant for: those of the stage, or the target task at a promotion."""
    standing: Standing | None = None
    """Score of a prompt that is to be promoted."""

    def gist(self) -> str:
        """Return the reviewer, the prompt and the moment."""
        return f"{self.reviewer}, may {self.candidate.id} go on ({self.moment})?"


class ReviewGiven(Message):
    """A reviewer returns its verdict on a prompt."""

    kind: Literal["review.given"] = "review.given"
    moment: Moment
    reviewer: str
    candidate: str
    """Id of the reviewed prompt."""
    verdict: Verdict
    reason: str = ""
    amended: Candidate | None = None
    """Prompt that takes its place, for the verdict "amended"."""

    def gist(self) -> str:
        """Return the prompt, the verdict and the reason."""
        into = f" into {self.amended.id}" if self.amended else ""
        reason = f": {' '.join(self.reason.split())[:200]}" if self.reason else ""
        return f"{self.candidate} {self.verdict}{into}{reason}"
