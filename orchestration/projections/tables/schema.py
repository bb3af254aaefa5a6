"""The tables. Everything in them follows from the log; times are microseconds since 1970 (UTC)."""

from sqlmodel import Field, SQLModel

VERSION = 4
"""Goes up when a table or the fold changes: older files are then dropped and made anew."""


class RunRow(SQLModel, table=True):
    """A run and how it stands: `state` is running, finished or failed.

    `step` is the latest for which prompts were asked; races of earlier ones may go on.
    """

    __tablename__ = "run"

    run: str = Field(primary_key=True)
    name: str | None = None
    state: str = "running"
    target_task: str | None = None
    stage: str | None = None
    step: int = 0
    events: int = 0
    first_at: int | None = None
    last_at: int | None = None
    """Of the run's own events: notes that came later do not count."""
    best: str | None = None
    """The id of the best prompt of the latest finished stage, in the end that of the verdict."""
    improved: bool | None = None
    verdict: str | None = None
    error: str | None = None


class CandidateRow(SQLModel, table=True):
    """A prompt, with the stage and the step in which it first came up."""

    __tablename__ = "candidate"

    run: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    operator: str = ""
    parents: str = ""
    """Their ids, with a space between."""
    text: str = ""
    stage: str | None = None
    step: int = 0
    promoted: bool = False
    rejected: str | None = None
    """Why it was not scored."""
    examples: int = 0
    """Development examples that it has answered, over all tasks and stages."""
    stopped: bool = False
    """Whether a race stopped it before its last example, in any stage."""


class ScoreRow(SQLModel, table=True):
    """The latest score vector of a prompt on one split of a task in a stage, over all that it has answered.

    A measure that is undefined is NULL. `step` and `seq` are those of the latest examples.
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
    accuracy: float | None = None
    ifr: float | None = None
    one_minus_ece: float | None = None
    auroc: float | None = None
    pr_p: float | None = None
    pr_n: float | None = None


class MeasureRow(SQLModel, table=True):
    """One number of the latest score vector, with its 95 % interval and the examples it rests on."""

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
    """What the judge makes of a prompt in one dimension: the mean of its samples, and their noise."""

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
    """Samples that could be read."""
    noise: float | None = None


class CallRow(SQLModel, table=True):
    """A model call: `state` is requested, finished or failed. A reused reply costs no tokens."""

    __tablename__ = "call"

    run: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    seq: int = 0
    role: str = ""
    about: str = ""
    state: str = "requested"
    reused: bool = False
    attempts: int = 0
    latency: float | None = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    error: str | None = None


class CostRow(SQLModel, table=True):
    """What one role's calls came to; `seconds` is the sum of their latencies."""

    __tablename__ = "cost"

    run: str = Field(primary_key=True)
    role: str = Field(primary_key=True)
    calls: int = 0
    finished: int = 0
    failed: int = 0
    reused: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


TABLES = (RunRow, CandidateRow, ScoreRow, MeasureRow, JudgementRow, CallRow, CostRow)
