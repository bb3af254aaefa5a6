"""Stages, what is promoted from one to the next, and the verdict."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...prompts.candidate import Candidate
from .base import Message, Stage, counted


class StageStarted(Message):
    """The curator opens a stage with its starting population."""

    kind: Literal["stage.started"] = "stage.started"
    stage: Stage
    tasks: tuple[str, ...]
    steps: int
    population: tuple[Candidate, ...]

    def gist(self) -> str:
        # The control goes on for as many steps as its evaluations last.
        steps = "" if self.stage == "control" else f", {counted(self.steps, 'step')}"
        return (
            f"{self.stage} stage on {', '.join(self.tasks)}: {counted(len(self.population), 'prompt')}{steps}"
        )


class Standing(BaseModel):
    """A candidate's composite score on each task it was scored on, and their mean, over `examples` in all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: Candidate
    score: float
    by_task: dict[str, float]
    examples: int


class PromptPromoted(Message):
    """The curator carries a source prompt into the target stage; the standing is the evidence."""

    kind: Literal["prompt.promoted"] = "prompt.promoted"
    rank: int
    standing: Standing
    lower: float
    """A lower bound of its mean utility per example, at 95 % and valid at any time."""
    among: int
    as_candidate: Candidate
    """What begins the target stage: the instruction, without demonstrations from the source tasks."""
    reason: str

    def gist(self) -> str:
        return f"{self.standing.candidate.id} promoted to the target: {self.reason}"


class StageFinished(Message):
    """The curator closes a stage; `reason` says what stopped it."""

    kind: Literal["stage.finished"] = "stage.finished"
    stage: Stage
    steps: int
    best: Standing
    front: tuple[str, ...]
    """Candidates that no other equals or beats in every measure that has a weight."""
    scored: int
    evaluations: int
    """Examples answered in this stage."""
    saved: int
    """Examples that stopped candidates did not have to answer."""
    reason: str

    def gist(self) -> str:
        return (
            f"{self.stage} stage done: best {self.best.candidate.id} at {self.best.score:.3f} ({self.reason})"
        )


class Comparison(BaseModel):
    """Best prompt minus another one, paired over the same examples.

    `low` and `high` bound the 95 % interval of `difference`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    best: float
    other: float
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
    control: Candidate | None = None
    """The best prompt of the control stage, where there was one."""
    against_control: tuple[Comparison, ...] = ()

    def gist(self) -> str:
        return self.verdict
