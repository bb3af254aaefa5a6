"""Asking for new prompts, and getting them."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...prompts.candidate import Candidate
from ...prompts.task import Example
from .base import Message, Stage, counted


class Failure(BaseModel):
    """An example that a prompt got wrong; `answered` is None where no answer could be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    example: str
    answered: str | None


class HistoryEntry(BaseModel):
    """A prompt with its composite score as an integer from 0 to 100 (as in OPRO), over `examples`.

    `failures` are some of the examples that it got wrong, of the best prompts only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    text: str
    score: int
    examples: int
    failures: tuple[Failure, ...] = ()


class ProposalsRequested(Message):
    """The curator asks for new prompts, showing the best so far in ascending order of score."""

    kind: Literal["proposals.requested"] = "proposals.requested"
    stage: Stage
    step: int
    count: int
    tasks: tuple[str, ...]
    history: tuple[HistoryEntry, ...]
    exemplars: tuple[Example, ...]

    def gist(self) -> str:
        best = f"; best so far {self.history[-1].score}/100" if self.history else ""
        return f"step {self.step}: {counted(self.count, 'new prompt')} please{best}"


class ReplyUnparsed(Message):
    """The reference agent could not find a prompt in its model's reply."""

    kind: Literal["reply.unparsed"] = "reply.unparsed"
    stage: Stage
    step: int
    reply: str
    reason: str
    asked_again: bool

    def gist(self) -> str:
        return f"no prompt in the reply ({self.reason}); {'asking again' if self.asked_again else 'given up'}"


class ProposalsMade(Message):
    """The reference agent's proposals for one step."""

    kind: Literal["proposals.made"] = "proposals.made"
    stage: Stage
    step: int
    candidates: tuple[Candidate, ...]
    prompt_tokens: int = 0
    """Of all that the model was asked for them, also where nothing came of it."""
    completion_tokens: int = 0
    failed: int = 0
    """Proposals that were not made because a call had failed."""

    def gist(self) -> str:
        failed = f", {counted(self.failed, 'failed call')}" if self.failed else ""
        return f"step {self.step}: {counted(len(self.candidates), 'prompt')} proposed{failed}"


class CandidateRejected(Message):
    """The curator keeps a proposal out of the scoring, and says why."""

    kind: Literal["candidate.rejected"] = "candidate.rejected"
    stage: Stage
    step: int
    candidate: Candidate
    reason: str

    def gist(self) -> str:
        return f"{self.candidate.id} rejected: {self.reason}"
