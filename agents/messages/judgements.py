"""Judgements of a prompt by its wording: the curator's request and the wording judge's result."""

from typing import ClassVar, Literal

from ...prompts.candidate import Candidate
from .base import Message, Stage, plural
from .scores import Measure

_SHOWN = 6
"""Number of dimensions that fit into a gist."""


class JudgementRequested(Message):
    """The curator asks the wording judge to rate the wording of one prompt for the named tasks."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["judgement.requested"] = "judgement.requested"
    stage: Stage
    step: int
    candidate: Candidate
    tasks: tuple[str, ...]
    dimensions: tuple[str, ...]
    """Names of the rubric's dimensions, each of which is rated separately."""

    def gist(self) -> str:
        """Return the prompt and the number of dimensions."""
        return f"judge {self.candidate.id} in {plural(len(self.dimensions), 'dimension')}"


class PromptJudged(Message):
    """The wording judge returns its ratings of a prompt, one measure for each dimension."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["prompt.judged"] = "prompt.judged"
    stage: Stage
    step: int
    candidate: str
    """Id of the prompt."""
    measures: dict[str, Measure]
    """Dimension -> mean of the readable ratings in [0, 1] with its 95 % interval; `n` is their number."""
    noise: dict[str, float | None]
    """Dimension -> standard deviation of the ratings, which shows how far the judge disagrees with itself;
    None with fewer than two readable ratings."""
    unreadable: int
    """Number of replies, over all dimensions, without a readable rating. They are left out of the means."""
    prompt_tokens: int
    completion_tokens: int
    failed: int = 0
    """Number of failed calls, and so of missing ratings."""

    def gist(self) -> str:
        """Return the ratings of the first dimensions, and the number of unreadable replies."""
        shown = ", ".join(map(self._rating, list(self.measures)[:_SHOWN]))
        more = ", ..." if len(self.measures) > _SHOWN else ""
        unread = f"; {self.unreadable} unreadable" if self.unreadable else ""
        return f"{self.candidate} judged: {shown or 'nothing'}{more}{unread}"

    def _rating(self, name: str) -> str:
        value, noise = self.measures[name].value, self.noise.get(name)
        shown = "none readable" if value is None else f"{value:.2f}"
        return f"{name} {shown}" + ("" if noise is None else f" (noise {noise:.2f})")
