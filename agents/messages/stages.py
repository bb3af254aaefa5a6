"""Stages of the search, the promotion of prompts from one to the next, and the verdict of the run."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...prompts.candidate import Candidate
from ..experience.lessons import Lesson
from ..stage_names import stage_target
from .base import Message, Stage, plural


class Spent(BaseModel):
    """Cost of a search, in evaluations and in tokens of prompts and replies together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    evaluations: int = 0
    """Number of examples answered."""
    answers: int = 0
    """Tokens spent on answering examples."""
    proposals: int = 0
    """Tokens spent on writing prompts."""
    judgements: int = 0
    """Tokens spent on judging prompts."""

    @property
    def tokens(self) -> int:
        """Sum of all tokens."""
        return self.answers + self.proposals + self.judgements

    def shared(self, uses: int) -> "Spent":
        """Return the part of each of so many uses."""
        return Spent(**{name: value // uses for name, value in self.model_dump().items()})

    def __add__(self, other: "Spent") -> "Spent":
        first, second = self.model_dump(), other.model_dump()
        return Spent(**{name: first[name] + second[name] for name in first})

    def __str__(self) -> str:
        parts = [f"{self.answers:,} for {plural(self.evaluations, 'evaluation')}"]
        parts += [f"{self.proposals:,} for proposals"] if self.proposals else []
        parts += [f"{self.judgements:,} for judgements"] if self.judgements else []
        return f"{self.tokens:,} tokens ({', '.join(parts)})"


class StageStarted(Message):
    """The curator opens a stage with its starting population."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["stage.started"] = "stage.started"
    stage: Stage
    tasks: tuple[str, ...]
    steps: int
    """Number of steps planned."""
    population: tuple[Candidate, ...]
    budget: Spent | None = None
    """For a control: cost of the stages before it, which it may spend again."""

    def gist(self) -> str:
        """Return the tasks, the size of the population and the planned end."""
        # The control goes on for as many steps as its budget lasts.
        ends = f", to spend {self.budget}" if self.budget else f", {plural(self.steps, 'step')}"
        return (
            f"{self.stage} stage on {', '.join(self.tasks)}: {plural(len(self.population), 'prompt')}{ends}"
        )


class StageSkipped(Message):
    """The curator leaves a stage out, because its evaluations are worth more elsewhere."""

    kind: Literal["stage.skipped"] = "stage.skipped"
    stage: Stage
    tasks: tuple[str, ...]
    reason: str

    def gist(self) -> str:
        """Return the stage, its tasks and the reason."""
        return f"{self.stage} stage on {', '.join(self.tasks)} left out: {self.reason}"


class Standing(BaseModel):
    """Scores of a candidate over all tasks that it was scored on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: Candidate
    score: float
    """Mean of the scores of the tasks, in [0, 1]."""
    by_task: dict[str, float]
    """Task -> score in [0, 1]."""
    examples: int
    """Number of examples answered, over all tasks."""


class PromptPromoted(Message):
    """The curator promotes what the stages before have found to a target stage.

    That is the target's own first prompt with the rules that are likely to help, or a whole source prompt if
    rules cannot be carried over. The standing is that of the best prompt of the first stage that taught it.
    """

    SCHEMA: ClassVar[int] = 4
    kind: Literal["prompt.promoted"] = "prompt.promoted"
    rank: int
    """Place among the promoted prompts, from 1."""
    standing: Standing
    lower: float
    """Lower bound of the mean utility per example, in [0, 1]: at 95 %, valid at any time."""
    among: int
    """Number of prompts that were ranked."""
    as_candidate: Candidate
    """Prompt that enters the target stage, without demonstrations of the source tasks."""
    reason: str
    rules: tuple[Lesson, ...] = ()
    """The rules that it took from these stages, with their evidence."""
    left: tuple[Lesson, ...] = ()
    """Further rules with some evidence, which operators may try in the target stage."""
    into: Stage = "target"
    """Stage that the prompt enters."""
    taught_by: tuple[Stage, ...] = Field(default=("source",), min_length=1)
    """Stages whose answers it rests on: the source stage, if there was one, then those of other targets."""

    def gist(self) -> str:
        """Return the prompt and the reason."""
        target = stage_target(self.into)
        aim = f"the target {target}" if target else "the target"
        return f"{self.as_candidate.id} promoted to {aim}: {self.reason}"


class StageFinished(Message):
    """The curator closes a stage."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["stage.finished"] = "stage.finished"
    stage: Stage
    steps: int
    """Number of steps taken."""
    best: Standing
    front: tuple[str, ...]
    """Pareto front: ids of the candidates that no other equals or beats in every measure.

    The measures are the main metric, those with a weight in `search.weights`, and the further metrics.
    """
    scored: int
    """Number of candidates scored."""
    evaluations: int
    """Number of examples answered."""
    spent: Spent = Spent()
    """Cost of the stage in all."""
    saved: int
    """Number of examples that stopped candidates did not have to answer."""
    reason: str
    """Reason why the stage ended."""

    def gist(self) -> str:
        """Return the best prompt, its score and the reason."""
        return (
            f"{self.stage} stage done: best {self.best.candidate.id} at {self.best.score:.3f} ({self.reason})"
        )


class Comparison(BaseModel):
    """Best prompt minus another one in one measure, paired over the same `n` examples.

    `low` and `high` are the ends of the 95 % interval of `difference`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    """"metric" for the main metric, or "composite"."""
    title: str
    """The measure in the user's words, such as "accuracy"."""
    best: float
    """Value of the best prompt."""
    other: float
    """Value of the other prompt."""
    difference: float
    """`best` minus `other`."""
    low: float
    """Lower end of the 95 % interval of the difference."""
    high: float
    """Upper end of the 95 % interval of the difference."""
    n: int
    """Number of examples."""


class RunFinished(Message):
    """The curator ends the run with its verdict on held-out data."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["run.finished"] = "run.finished"
    best: Candidate
    """Best prompt of the search, or the initial one if the former is credibly worse in the main metric."""
    initial: Candidate
    """Best of the user's initial prompts."""
    improved: bool
    """True if the best prompt is better in what the run was to improve.

    That is the main metric: the whole 95 % interval of the difference lies above zero, and the p-value is at
    most 0.05. With the objective "composite" it is that score, and the main metric is not credibly worse.
    """
    verdict: str
    """Verdict in one sentence."""
    comparisons: tuple[Comparison, ...]
    """Best prompt against the initial one: main metric, then the composite score if it is the objective."""
    p_value: float | None
    """Two-sided p-value of no difference in the main metric; None if both are the same prompt."""
    test: str | None = None
    """Test that gave the p-value."""
    smallest_gain: float | None = None
    """Difference in the main metric that these examples would have shown with a probability of 80 %.

    None if an improvement was found, or if both are the same prompt.
    """
    control: Candidate | None = None
    """Best prompt of the control stage; None without a control."""
    against_control: tuple[Comparison, ...] = ()
    """Best prompt against the control: main metric, then the composite score if it is the objective."""
    excluded: int = 0
    """Number of held-out examples excluded for all prompts because a call failed."""

    def gist(self) -> str:
        """Return the verdict."""
        return self.verdict


class TargetFinished(Message):
    """The curator ends the work on one of several targets with its verdict on held-out data."""

    kind: Literal["target.finished"] = "target.finished"
    stage: Stage
    """Last stage of the target."""
    verdict: RunFinished
    """What the run would end with if this were its only target."""

    def gist(self) -> str:
        """Return the target and the verdict."""
        return f"{stage_target(self.stage)}: {self.verdict.verdict}"


class TargetsFinished(Message):
    """The curator ends a run with several targets, each of which has its own verdict."""

    kind: Literal["targets.finished"] = "targets.finished"
    targets: tuple[str, ...]
    """Names of the targets' tasks, in the order of the configuration."""
    improved: tuple[str, ...]
    """Those for which a better prompt was found."""

    def gist(self) -> str:
        """Return the number of targets, and those that have a better prompt."""
        better = ", ".join(self.improved) or "none"
        return f"{plural(len(self.targets), 'target')} done; better prompts found: {better}"
