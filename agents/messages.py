"""What the agents say to each other: every kind of message, in the order in which a run uses them.

A message is immutable, is told by its `kind`, and is stored as JSON beside the integer `SCHEMA` of its
shape. `gist` says in a few words what it means, for a person who watches.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..prompts.candidate import Candidate
from ..prompts.task import Example, Split, Task
from .models.base import FailureCause, ModelReply, ModelRequest
from .scores import Outcome, Score

Stage = Literal["source", "target"]
Purpose = Literal["search", "final"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


class Message(BaseModel):
    """Base of all messages. A subclass sets `kind` to a literal of its own and says its `gist`."""

    # Built at first use: a command that reads one kind of message need not wait for all the others.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    SCHEMA: ClassVar[int] = 1
    kind: str

    def gist(self) -> str:
        """What this message means, in one short line."""
        return self.kind


class RunStarted(Message):
    """The user starts a run. Everything needed to run it again is here and in the tasks that follow."""

    kind: Literal["run.started"] = "run.started"
    name: str
    seed: int
    config: dict[str, Any]
    source_tasks: tuple[str, ...]
    target_task: str
    models: dict[str, str]
    """Role -> identity of its model."""
    versions: dict[str, str]
    """Package -> version."""

    def gist(self) -> str:
        return f"start {self.name}: {' + '.join(self.source_tasks) or 'no source'} -> {self.target_task}"


class TaskLoaded(Message):
    """A task with the examples that this run may use: a log needs no file beside it to be replayed."""

    kind: Literal["task.loaded"] = "task.loaded"
    task: Task
    stage: Stage
    origin: str
    digest: str

    def gist(self) -> str:
        t = self.task
        return f"{self.stage} task {t.name}: {len(t.train)} train, {len(t.dev)} dev, {len(t.test)} test"


class RunResumed(Message):
    """A run goes on after a crash or a failure; `reissued` names the calls that had no result."""

    kind: Literal["run.resumed"] = "run.resumed"
    reissued: tuple[str, ...]
    versions: dict[str, str]

    def gist(self) -> str:
        return f"resume; {_count(len(self.reissued), 'call')} without a result to be asked again"


class StageStarted(Message):
    """The curator opens a stage with its starting population."""

    kind: Literal["stage.started"] = "stage.started"
    stage: Stage
    tasks: tuple[str, ...]
    steps: int
    population: tuple[Candidate, ...]

    def gist(self) -> str:
        size = f"{_count(len(self.population), 'prompt')}, {_count(self.steps, 'step')}"
        return f"{self.stage} stage on {', '.join(self.tasks)}: {size}"


class HistoryEntry(BaseModel):
    """A prompt with its composite score as an integer from 0 to 100 (as in OPRO)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    text: str
    score: int


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
        return f"step {self.step}: {_count(self.count, 'new prompt')} please{best}"


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

    def gist(self) -> str:
        return f"step {self.step}: {_count(len(self.candidates), 'prompt')} proposed"


class CandidateRejected(Message):
    """The curator keeps a proposal out of the scoring, and says why."""

    kind: Literal["candidate.rejected"] = "candidate.rejected"
    stage: Stage
    step: int
    candidate: Candidate
    reason: str

    def gist(self) -> str:
        return f"{self.candidate.id} rejected: {self.reason}"


class ScoringRequested(Message):
    """The curator asks for the score of one candidate on the named examples of one task."""

    kind: Literal["scoring.requested"] = "scoring.requested"
    stage: Stage
    step: int
    purpose: Purpose
    candidate: Candidate
    task: str
    split: Split
    examples: tuple[str, ...]

    def gist(self) -> str:
        on = _count(len(self.examples), f"{self.split} example")
        return f"score {self.candidate.id} on {on} of {self.task}"


class PromptScored(Message):
    """The scorer's verdict: the score vector, and what became of each example."""

    kind: Literal["prompt.scored"] = "prompt.scored"
    stage: Stage
    step: int
    purpose: Purpose
    candidate: str
    task: str
    split: Split
    score: Score
    outcomes: tuple[Outcome, ...]
    prompt_tokens: int
    completion_tokens: int

    def gist(self) -> str:
        accuracy = self.score.value("accuracy")
        shown = "undefined" if accuracy is None else f"{accuracy:.2f}"
        of = f"on {len(self.outcomes)} {self.split} examples of {self.task}"
        return f"{self.candidate}: score {self.score.composite:.3f}, accuracy {shown} {of}"


class Standing(BaseModel):
    """A candidate's composite score on each task it was scored on, and their mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: Candidate
    score: float
    by_task: dict[str, float]


class PromptPromoted(Message):
    """The curator carries a source prompt into the target stage; the standing is the evidence."""

    kind: Literal["prompt.promoted"] = "prompt.promoted"
    rank: int
    standing: Standing
    among: int
    examples: int
    reason: str

    def gist(self) -> str:
        return f"{self.standing.candidate.id} promoted to the target: {self.reason}"


class StageFinished(Message):
    """The curator closes a stage; `reason` says what stopped it."""

    kind: Literal["stage.finished"] = "stage.finished"
    stage: Stage
    steps: int
    best: Standing
    scored: int
    reason: str

    def gist(self) -> str:
        return (
            f"{self.stage} stage done: best {self.best.candidate.id} at {self.best.score:.3f} ({self.reason})"
        )


class Comparison(BaseModel):
    """Best prompt minus best initial prompt, paired over the same examples.

    `low` and `high` bound the 95 % interval of `difference`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    best: float
    initial: float
    difference: float
    low: float
    high: float
    n: int


class RunFinished(Message):
    """The curator's verdict on held-out data. `improved` only where the whole interval lies above zero."""

    kind: Literal["run.finished"] = "run.finished"
    best: Candidate
    initial: Candidate
    improved: bool
    verdict: str
    comparisons: tuple[Comparison, ...]
    p_value: float | None
    """Exact McNemar test on right and wrong answers; None where both are the same prompt."""

    def gist(self) -> str:
        return self.verdict


class RunFailed(Message):
    """The run stopped on an error outside the agents; it can be resumed."""

    kind: Literal["run.failed"] = "run.failed"
    cause: str
    error: str
    count: int
    """How often this run has failed so far, this time included."""

    def gist(self) -> str:
        return f"stopped: {self.error}"


class HandlerFailed(Message):
    """An agent's handler raised; the run stops. `event` is the id of what it was handling."""

    kind: Literal["handler.failed"] = "handler.failed"
    agent: str
    event: str
    error: str
    traceback: str

    def gist(self) -> str:
        return f"{self.agent} failed: {self.error}"


class CallRequested(Message):
    """A role asks its model. `key` is the digest of everything that decides the reply."""

    kind: Literal["call.requested"] = "call.requested"
    model: str
    key: str
    request: ModelRequest
    about: str
    """What the call is for, such as "p1a2b3c4 / row-17"."""

    def gist(self) -> str:
        return f"ask {self.model} about {self.about}"


class CallFinished(Message):
    """A model's reply. `reused` is the id of the earlier call whose reply was taken instead of asking."""

    kind: Literal["call.finished"] = "call.finished"
    key: str
    reply: ModelReply
    latency: float
    """Seconds from sending the request, in its last attempt, to having the reply."""
    attempts: int
    reused: str | None = None

    def gist(self) -> str:
        how = "reused" if self.reused else f"{self.latency:.2f} s"
        return f"reply, {self.reply.prompt_tokens}+{self.reply.completion_tokens} tokens ({how})"


class CallFailed(Message):
    """No reply was to be had: an outcome of its own, never a score."""

    kind: Literal["call.failed"] = "call.failed"
    key: str
    cause: FailureCause
    error: str
    attempts: int

    def gist(self) -> str:
        return f"call failed after {self.attempts} attempts ({self.cause}): {self.error}"


class RunForked(Message):
    """This run shares the events of another up to a point and goes its own way from there."""

    kind: Literal["run.forked"] = "run.forked"
    origin: str
    """The run it was forked from."""
    at: int
    """The seq of the last shared event, in the origin."""
    prefix: str
    """The hash of that event, in hexadecimal: it stands for everything up to there."""
    overrides: dict[str, Any]
    """Dotted key of the configuration -> the value that it has here and not in the origin."""

    def gist(self) -> str:
        changed = f", with {_count(len(self.overrides), 'setting')} changed" if self.overrides else ""
        return f"forked from {self.origin} at seq {self.at}{changed}"


class ForkMade(Message):
    """Another run was forked from this one; the same fact as `RunForked`, seen from the origin."""

    kind: Literal["fork.made"] = "fork.made"
    fork: str
    """The name of the new run."""
    at: int

    def gist(self) -> str:
        return f"forked at seq {self.at} into {self.fork}"


class RunImported(Message):
    """The events before came from a file. Their seqs and times were given anew; this keeps the old end."""

    kind: Literal["run.imported"] = "run.imported"
    events: int
    first_at: int
    """When the first of them was committed where they come from, in microseconds since 1970."""
    last_at: int
    hash: str
    """The hash of the last of them there, in hexadecimal."""

    def gist(self) -> str:
        return f"imported {_count(self.events, 'event')}; the last had the hash {self.hash[:12]}"


class EventRedacted(Message):
    """The payload of an event was blanked on purpose; its row and its hash are still there."""

    kind: Literal["event.redacted"] = "event.redacted"
    event: str
    """The id of the event."""
    seq: int
    sha256: str
    """Of the payload that is gone, in hexadecimal."""
    size: int
    """Of that payload, in bytes."""
    reason: str

    def gist(self) -> str:
        return f"blanked the {_count(self.size, 'byte')} of seq {self.seq}: {self.reason[:200]}"


AnyMessage = Annotated[
    RunStarted
    | TaskLoaded
    | RunResumed
    | StageStarted
    | ProposalsRequested
    | ReplyUnparsed
    | ProposalsMade
    | CandidateRejected
    | ScoringRequested
    | PromptScored
    | PromptPromoted
    | StageFinished
    | RunFinished
    | RunFailed
    | HandlerFailed
    | CallRequested
    | CallFinished
    | CallFailed
    | RunForked
    | ForkMade
    | RunImported
    | EventRedacted,
    Field(discriminator="kind"),
]
