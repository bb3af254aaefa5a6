"""Proposals: the curator's request for new prompts, the reference agent's answer, and rejections."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...prompts.candidate import Candidate
from ...prompts.task import Example
from .base import Message, Stage, plural


class Failure(BaseModel):
    """An example that a prompt answered wrongly."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    example: str
    """Id of the example."""
    answered: str | None
    """Wrong answer that was given; None if no answer could be read."""
    value: float = Field(default=0.0, exclude_if=lambda value: not value)
    """Value of the main metric."""
    output: str = Field(default="", exclude_if=lambda value: not value)
    """What the model replied, shortened; "" if `answered` says it all."""
    feedback: dict[str, str] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Metric -> what it says was wrong, in words."""


class HistoryEntry(BaseModel):
    """A prompt that was tried before, as shown to the model that writes new ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    """Id of the prompt."""
    text: str
    score: int
    """Composite score as an integer from 0 to 100, as in OPRO (arXiv 2309.03409)."""
    examples: int
    """Number of examples that the score rests on."""
    failures: tuple[Failure, ...] = ()
    """Some of the examples that it answered wrongly, for the best prompts only."""


class ProposalsRequested(Message):
    """The curator asks the reference agent for new prompts at the beginning of a step."""

    SCHEMA: ClassVar[int] = 2
    """Schema 2 adds `Example.alternatives`."""
    kind: Literal["proposals.requested"] = "proposals.requested"
    stage: Stage
    step: int
    count: int
    """Number of prompts wanted."""
    tasks: tuple[str, ...]
    history: tuple[HistoryEntry, ...]
    """Best prompts so far, in ascending order of score."""
    exemplars: tuple[Example, ...]
    """Training examples to show to the model, with their answers."""

    def gist(self) -> str:
        """Return the step, the number of prompts wanted and the best score so far."""
        best = f"; best so far {self.history[-1].score}/100" if self.history else ""
        return f"step {self.step}: {plural(self.count, 'new prompt')} please{best}"


class ReplyUnparsed(Message):
    """The reference agent has found no prompt in a reply of its model."""

    kind: Literal["reply.unparsed"] = "reply.unparsed"
    stage: Stage
    step: int
    reply: str
    reason: str
    asked_again: bool
    """True if the model is asked once more."""

    def gist(self) -> str:
        """Return the reason, and whether the model is asked again."""
        return f"no prompt in the reply ({self.reason}); {'asking again' if self.asked_again else 'given up'}"


class ProposalsMade(Message):
    """The reference agent returns its proposals for one step."""

    kind: Literal["proposals.made"] = "proposals.made"
    stage: Stage
    step: int
    candidates: tuple[Candidate, ...]
    prompt_tokens: int = 0
    """Tokens of all requests made for these proposals, including those that led to none."""
    completion_tokens: int = 0
    failed: int = 0
    """Number of proposals missing because a call failed."""

    def gist(self) -> str:
        """Return the step and the number of proposals."""
        failed = f", {plural(self.failed, 'failed call')}" if self.failed else ""
        return f"step {self.step}: {plural(len(self.candidates), 'prompt')} proposed{failed}"


class CandidateRejected(Message):
    """The curator rejects a candidate: it is not scored, or not promoted."""

    kind: Literal["candidate.rejected"] = "candidate.rejected"
    stage: Stage
    step: int
    candidate: Candidate
    reason: str

    def gist(self) -> str:
        """Return the prompt and the reason."""
        return f"{self.candidate.id} rejected: {self.reason}"
