"""Proposals: the curator's request for new prompts, the reference agent's answer, and rejections."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...prompts.candidate import Candidate
from ...prompts.task import Example
from .base import Message, Stage, plural
from .scores import TraceStep


def _is_empty(value: object) -> bool:
    """Return True for an empty field, which is left out of the log."""
    return not value


class Failure(BaseModel):
    """An example on which a prompt did not get the full value of every metric."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    example: str
    """Id of the example."""
    answered: str | None
    """Answer that was given; None if no answer could be read."""
    value: float = Field(default=0.0, exclude_if=lambda value: not value)
    """Value of the main metric."""
    metrics: dict[str, float] = Field(default_factory=dict, exclude_if=_is_empty)
    """Further metrics that are below their best value, by name."""
    output: str = Field(default="", exclude_if=lambda value: not value)
    """What the model replied, shortened; "" if `answered` says it all."""
    feedback: dict[str, str] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Metric -> what it says was wrong, in words."""
    trace: tuple[TraceStep, ...] = Field(default=(), exclude_if=_is_empty)
    """Steps of the program that led to the output, shortened; () without a program."""


class Success(BaseModel):
    """An example on which a prompt did well."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    example: str
    """Id of the example."""
    answered: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """Answer that was given, if it is not the gold itself."""


class Confusion(BaseModel):
    """Number of examples with one right answer to which a prompt gave another, or none that could be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gold: str
    answered: str | None
    count: int


class AnswerTally(BaseModel):
    """Answers of one prompt to one task beside the right ones, for tasks with options."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task: str
    examples: int
    answered: dict[str, int]
    """Answer -> how often it was given, the most frequent first; unreadable replies are left out."""
    golds: dict[str, int]
    """Answer -> how often it was right, the most frequent first."""
    unreadable: int = Field(default=0, exclude_if=_is_empty)
    """Number of replies without a readable answer."""
    confusions: tuple[Confusion, ...] = ()
    """The most frequent confusions, most frequent first."""


class HistoryEntry(BaseModel):
    """A prompt that was tried before, as shown to the model that writes new ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    """Id of the prompt."""
    text: str
    score: int
    """Score as an integer from 0 to 100, as in OPRO (arXiv 2309.03409)."""
    examples: int
    """Number of examples that the score rests on."""
    failures: tuple[Failure, ...] = ()
    """Some of the examples that it answered wrongly, for some prompts only."""
    successes: tuple[Success, ...] = Field(default=(), exclude_if=_is_empty)
    """Some of the examples that it answered rightly, for the same prompts."""
    tallies: tuple[AnswerTally, ...] = Field(default=(), exclude_if=_is_empty)
    """Its answers in numbers, one tally for each task with options, for the same prompts."""
    operator: str = Field(default="", exclude_if=_is_empty)
    """Origin of the prompt, see `Candidate.operator`."""
    gain: int | None = Field(default=None, exclude_if=lambda value: value is None)
    """Points, of 100, of the main metric above the best prompt, on the examples that both have answered.

    None for the best prompt itself, and if they share too few."""
    shared: int = Field(default=0, exclude_if=_is_empty)
    """Number of these examples."""
    leader: bool = Field(default=False, exclude_if=_is_empty)
    """True for the best prompt, with which the others are compared."""
    stopped: bool = Field(default=False, exclude_if=_is_empty)
    """True if it was stopped before it had answered all examples of its race."""
    initial: bool = Field(default=False, exclude_if=_is_empty)
    """True if it is one of the user's own first prompts."""


class Rejection(BaseModel):
    """A proposal that was rejected before it was scored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    """The prompt, shortened."""
    operator: str
    reason: str


class ProposalsRequested(Message):
    """The curator asks the reference agent for new prompts at the beginning of a step."""

    SCHEMA: ClassVar[int] = 5
    """Schema 2 adds `Example.alternatives`. Schema 3 adds the comparisons, successes and tallies of the
    history, and the rejections. Schema 4 adds the traces of programs."""
    kind: Literal["proposals.requested"] = "proposals.requested"
    stage: Stage
    step: int
    count: int
    """Number of prompts wanted."""
    tasks: tuple[str, ...]
    history: tuple[HistoryEntry, ...]
    """Best prompts so far, in ascending order of their rank, and the user's own best one."""
    exemplars: tuple[Example, ...]
    """Training examples to show to the model, with their answers."""
    rejections: tuple[Rejection, ...] = Field(default=(), exclude_if=_is_empty)
    """The latest rejected proposals of the stage."""

    def gist(self) -> str:
        """Return the step, the number of prompts wanted and the best score so far."""
        best = f"; best so far {self.history[-1].score}/100" if self.history else ""
        return f"step {self.step}: {plural(self.count, 'new prompt')} please{best}"


class ReplyUnparsed(Message):
    """The reference agent has found no prompt in a reply of its model."""

    SCHEMA: ClassVar[int] = 2
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

    SCHEMA: ClassVar[int] = 2
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

    SCHEMA: ClassVar[int] = 2
    kind: Literal["candidate.rejected"] = "candidate.rejected"
    stage: Stage
    step: int
    candidate: Candidate
    reason: str

    def gist(self) -> str:
        """Return the prompt and the reason."""
        return f"{self.candidate.id} rejected: {self.reason}"
