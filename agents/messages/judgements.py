"""Judging a prompt by its wording: asking the judge, and its verdict."""

from typing import Literal

from ...prompts.candidate import Candidate
from .base import Message, Stage, counted
from .scores import Measure

_TOLD = 6
"""Dimensions that fit into a gist."""


class JudgementRequested(Message):
    """The curator asks what the judge makes of a prompt, for the named tasks, dimension by dimension."""

    kind: Literal["judgement.requested"] = "judgement.requested"
    stage: Stage
    step: int
    candidate: Candidate
    tasks: tuple[str, ...]
    dimensions: tuple[str, ...]

    def gist(self) -> str:
        return f"judge {self.candidate.id} in {counted(len(self.dimensions), 'dimension')}"


class PromptJudged(Message):
    """The judge's verdict.

    Each of `measures` is the mean of the samples in [0, 1], `n` how many of them could be read, with the 95 %
    interval of that mean. `noise` is their standard deviation: how far the judge disagrees with itself.
    """

    kind: Literal["prompt.judged"] = "prompt.judged"
    stage: Stage
    step: int
    candidate: str
    measures: dict[str, Measure]
    noise: dict[str, float | None]
    """Dimension -> standard deviation; None where fewer than two samples could be read."""
    unreadable: int
    """Replies, over all dimensions, in which there was no score; they count for nothing."""
    prompt_tokens: int
    completion_tokens: int
    failed: int = 0
    """Calls that failed: so many judgements are missing."""

    def gist(self) -> str:
        told = ", ".join(map(self._told, list(self.measures)[:_TOLD]))
        more = ", ..." if len(self.measures) > _TOLD else ""
        unread = f"; {self.unreadable} unreadable" if self.unreadable else ""
        return f"{self.candidate} judged: {told or 'nothing'}{more}{unread}"

    def _told(self, name: str) -> str:
        value, noise = self.measures[name].value, self.noise.get(name)
        shown = "none readable" if value is None else f"{value:.2f}"
        return f"{name} {shown}" + ("" if noise is None else f" (noise {noise:.2f})")
