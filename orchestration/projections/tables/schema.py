"""Tables about the runs of a log. Times are microseconds since 1970 (UTC)."""

from sqlmodel import Field, SQLModel

VERSION = 7
"""Rises when a table or its contents change: older files are then dropped and built again."""


class RunRow(SQLModel, table=True):
    """A run: `status` is unfinished, finished, failed or no result.

    `step` is the latest for which prompts were requested; races of earlier steps may go on.
    """

    __tablename__ = "run"

    run: str = Field(primary_key=True)
    name: str | None = None
    status: str = "unfinished"
    target_task: str | None = None
    stage: str | None = None
    step: int = 0
    events: int = 0
    first_at: int | None = None
    last_at: int | None = None
    """Time of the last event that is not a note."""
    seconds: float = 0.0
    """Running time, without the pauses before resumptions."""
    best: str | None = None
    """Id of the prompt to use: that of the verdict, or before it the best so far."""
    improved: bool | None = None
    verdict: str | None = None
    error: str | None = None


class CandidateRow(SQLModel, table=True):
    """A prompt, with the stage and the step in which it first appeared."""

    __tablename__ = "candidate"

    run: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    operator: str = ""
    parents: str = ""
    """Ids, separated by spaces."""
    text: str = ""
    stage: str | None = None
    step: int = 0
    promoted: bool = False
    rejected: str | None = None
    """Reason why it was not scored."""
    examples: int = 0
    """Development examples that its scores rest on, over all tasks and stages."""
    stopped: bool = False
    """Whether a race stopped it before its last example, in any stage."""


class ScoreRow(SQLModel, table=True):
    """Latest scores of a prompt on one split of a task in a stage, over all examples that it has answered.

    An undefined measure is NULL. `step` and `seq` are those of the latest examples.
    """

    __tablename__ = "score"

    run: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    candidate: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    split: str = Field(primary_key=True)
    seq: int = 0
    step: int = 0
    purpose: str = ""
    examples: int = 0
    composite: float | None = None
    metric: float | None = None
    accuracy: float | None = None
    ifr: float | None = None
    one_minus_ece: float | None = None
    auroc: float | None = None
    pr_p: float | None = None
    pr_n: float | None = None


class MeasureRow(SQLModel, table=True):
    """One measure of the latest scores, with its 95% interval and its number of examples."""

    __tablename__ = "measure"

    run: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    candidate: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    split: str = Field(primary_key=True)
    measure: str = Field(primary_key=True)
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0


class JudgementRow(SQLModel, table=True):
    """The wording judge's score of a prompt in one dimension: the mean of its samples, and their noise."""

    __tablename__ = "judgement"

    run: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    candidate: str = Field(primary_key=True)
    dimension: str = Field(primary_key=True)
    seq: int = 0
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    """Number of readable samples."""
    noise: float | None = None


class CallRow(SQLModel, table=True):
    """A model call: `state` is requested, finished or failed. A reused reply costs no tokens."""

    __tablename__ = "call"

    run: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    seq: int = 0
    role: str = ""
    about: str = ""
    module: str | None = None
    """Texts that the call of a program rests on, joined by "+"; NULL if no program has made the call."""
    execution: str | None = None
    """Id of the execution that has made it; NULL if no program has made the call."""
    state: str = "requested"
    reused: bool = False
    attempts: int = 0
    latency: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str | None = None


class ExecutionRow(SQLModel, table=True):
    """A program run on one example, which is no model call: `state` is requested, finished or failed."""

    __tablename__ = "execution"

    run: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    seq: int = 0
    about: str = ""
    state: str = "requested"
    reused: bool = False
    latency: float | None = None
    error: str | None = None


class CostRow(SQLModel, table=True):
    """Cost of one role's calls; `seconds` is the sum of their latencies."""

    __tablename__ = "cost"

    run: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    calls: int = 0
    finished: int = 0
    failed: int = 0
    reused: int = 0
    requests: int = 0
    """Requests sent, including retries and probes of the backend."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    lost_tokens: int = 0
    """Worst case of requests that got no reply and may have been billed."""
    money: float | None = None
    seconds: float = 0.0


TABLES = (RunRow, CandidateRow, ScoreRow, MeasureRow, JudgementRow, CallRow, ExecutionRow, CostRow)
