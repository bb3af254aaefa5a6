"""Stages, what is promoted from one to the next, and the verdict."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...prompts.candidate import Candidate
from .base import Message, Stage, counted


class Spent(BaseModel):
    """What a search has cost: `evaluations` (examples answered), and tokens of prompts and replies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluations: int = 0
    answers: int = 0
    """Tokens of the evaluations."""
    proposals: int = 0
    """Tokens of writing prompts."""
    judgements: int = 0
    """Tokens of judging prompts."""

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.answers + self.proposals + self.judgements

    def __add__(self, other: "Spent") -> "Spent":
        mine, theirs = self.model_dump(), other.model_dump()
        return Spent(**{name: mine[name] + theirs[name] for name in mine})

    def __str__(self) -> str:
        parts = [f"{self.answers:,} for {counted(self.evaluations, 'evaluation')}"]
        parts += [f"{self.proposals:,} for proposals"] if self.proposals else []
        parts += [f"{self.judgements:,} for judgements"] if self.judgements else []
        return f"{self.tokens:,} tokens ({', '.join(parts)})"


class StageStarted(Message):
    """The curator opens a stage with its starting population."""

    kind: Literal["stage.started"] = "stage.started"
    stage: Stage
    tasks: tuple[str, ...]
    steps: int
    population: tuple[Candidate, ...]
    budget: Spent | None = None
    """Of a control: what the stages before it have spent, which it may spend again."""

    def gist(self) -> str:
        # The control goes on for as many steps as its budget lasts.
        ends = f", to spend {self.budget}" if self.budget else f", {counted(self.steps, 'step')}"
        return (
            f"{self.stage} stage on {', '.join(self.tasks)}: {counted(len(self.population), 'prompt')}{ends}"
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
    spent: Spent = Spent()
    """What the stage has cost in all."""
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
    excluded: int = 0
    """Held-out examples left out of the comparison for all prompts, because a call had failed."""

    def gist(self) -> str:
        return self.verdict
