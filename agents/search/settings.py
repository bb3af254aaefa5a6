"""Settings of a search. The defaults follow OPRO (arXiv 2309.03409)."""

from collections.abc import Mapping
from math import isfinite
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ...prompts.task import Task
from ..messages.reviews import Moment
from ..models.kinds import ModelKind
from ..models.price import Price
from ..operators.names import OperatorName
from ..scoring.constraints import Constraint
from ..scoring.objective import DEFAULT_WEIGHTS, Objective, is_composite, objective_weights
from ..stage_names import is_kind, stage_target
from .race_rules import RaceRule
from .token_limits import (
    answer_limit,
    expected_answer,
    expected_proposal,
    longest_prompt,
    proposal_limit,
)
from .wording_settings import WordingSettings

PROPOSING = 2
"""Highest number of requests for proposals under way at a time."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageSettings(_Settings):
    """Settings of one stage: its steps, proposals per step, and development examples per task."""

    steps: int = Field(default=12, ge=0)
    candidates: int = Field(default=3, ge=1)
    examples: int = Field(default=100, ge=2)
    patience: int = Field(default=4, ge=1)
    """Number of steps in a row without a better prompt that end the stage."""
    budget: int | None = Field(default=None, ge=1)
    """Number of answered examples, over all prompts, that ends the stage."""
    tokens: int | None = Field(default=None, ge=1)
    """Number of tokens of answers, prompts and replies together, that ends the stage."""


DEFAULT_OPERATORS: tuple[OperatorName, ...] = (
    "reflection",
    "demonstrations",
    "crossover",
    "history",
    "format_repair",
    "merge",
    "all_texts",
)
"""Operators for a model that can write. The others change little, or serve a model that cannot.

The last two serve prompts of several texts alone.
"""
_FIRST_GAMMA, _GAMMA = 0.15, 0.35
"""Chance of winning below which a candidate is stopped, in the first race of a stage and in later ones.

It is high because the next proposal is the better bet.
"""


class SearchOptions(_Settings):
    """Settings of both stages: the table [search] of a configuration."""

    evaluations: int | None = Field(default=None, ge=2, exclude_if=lambda value: value is None)
    """Number of answered examples over the source and the target stage, or None for no such limit.

    Without budgets of the stages the sources get 75 % if the target has 32 labelled examples or fewer, and
    nothing with 100 or more, unless several targets share them. What they leave, the targets get in equal
    parts.
    """
    answer: Literal["likelihood", "stated", "both"] = "stated"
    """Way to answer: stated with a confidence, by the likelihoods of the options, or both.

    With both, the stated answer counts, and its likelihood among the options is recorded.
    """
    guesses: int = Field(default=1, ge=1, le=9)
    """Number of stated guesses: one with a confidence (vanilla), or several with probabilities (top-k)."""
    max_tokens: Annotated[int, Field(ge=1)] | Literal["auto"] = "auto"
    """Most tokens in an answer, or in each guess.

    `auto` is right for the model and the form of the answers: 48 for a label from a model in this process,
    1,024 or more at an endpoint, and 8,192 for a model that thinks."""
    history: int = Field(default=20, ge=1)
    """Number of scored prompts shown to the reference agent."""
    exemplars: int = Field(default=3, ge=0)
    """Number of training examples shown to the reference agent."""
    temperature: float = Field(default=1.0, ge=0.0)
    """Temperature of the reference agent's model."""
    proposal_tokens: Annotated[int, Field(ge=8)] | Literal["auto"] = "auto"
    """Most tokens in a proposal; `auto` is 160 in this process, 2,048 at an endpoint, 8,192 with thinking."""
    prompt_characters: Annotated[int, Field(ge=40)] | Literal["auto"] = "auto"
    """Most characters of a prompt; `auto` is 2,000 for a scorer in this process, else 8,000."""
    briefing: Literal["auto", "full", "brief"] = "auto"
    """Length of the requests for proposals.

    A full request shows everything that is known, in thousands of tokens. A brief one suits a small model.
    "auto" is brief if the reference agent's model runs in this process, and full otherwise.
    """
    operators: tuple[OperatorName, ...] = DEFAULT_OPERATORS
    """Operators that may make proposals, in the order in which they are first tried."""
    seed_prompts: bool = True
    """True if the library of seed prompts joins the user's initial prompts."""
    restart_with_seeds: bool = True
    """True if a search that got nowhere may try the library of seed prompts.

    A new run takes the value of `seed_prompts` unless it is set. Older logs lack it; their runs always could.
    """
    racing: bool = True
    """True if candidates that cannot win any more are stopped before they have answered all examples."""
    block: int = Field(default=5, ge=1)
    """Number of examples between two comparisons of a race's candidates."""
    concurrent_steps: int = Field(default=2, ge=1)
    """Number of steps of a stage that may be under way at a time.

    A single step leaves the models idle at the end of each round of its race. With several, prompts are
    written before the races of the steps before them have ended, and so from less knowledge. Two steps lose
    little; five keep sixteen slots busy, and need more evaluations.
    """
    thrift: float = Field(default=0.02, ge=0.0, le=1.0)
    """Utility per example that each doubling of the tokens of a prompt's answers must bring."""
    control: bool = False
    """True if the target task is also searched from scratch, with as many tokens as both stages cost."""
    wording: WordingSettings | None = None
    """Settings of the wording judge, or None if no judge looks at the wording of prompts.

    Must precede `weights`, whose validator reads it.
    """
    objective: Objective = "metric"
    """What decides: the main metric of the tasks, or the composite score that `weights` make.

    Under either, a prompt that is credibly worse in the main metric than the best prompt never replaces it.
    """
    weights: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    """Weights of the measures, further metrics and judged dimensions in the composite score."""
    constraints: tuple[str, ...] = ()
    """Constraints such as "ifr >= 0.95". A prompt that breaks more than the best does not replace it."""

    @model_validator(mode="before")
    @classmethod
    def _judge_has_another_name(cls, values: Any) -> Any:
        if isinstance(values, dict) and "judge" in values:
            raise ValueError(
                "[search.judge] is called [search.wording] now, because it judges the wording of prompts. To "
                'have the responses judged, give the task metric = { use = "judge" }'
            )
        return values

    @field_validator("operators")
    @classmethod
    def _one_or_more(cls, operators: tuple[OperatorName, ...]) -> tuple[OperatorName, ...]:
        if not operators:
            raise ValueError("at least one operator is needed")
        if twice := sorted({name for name in operators if operators.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is listed twice")
        return operators

    @field_validator("constraints")
    @classmethod
    def _readable(cls, constraints: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(Constraint.parse(text)) for text in constraints)

    @field_validator("weights")
    @classmethod
    def _usable(cls, weights: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        judge: WordingSettings | None = info.data.get("wording")
        measured = [weight for name, weight in weights.items() if judge is None or name not in judge.names]
        if not all(isfinite(w) and w >= 0 for w in weights.values()) or not sum(measured):
            raise ValueError(
                "weights must be finite and not negative, and one that is not judged must be above zero"
            )
        return dict(sorted(weights.items()))

    @model_validator(mode="after")
    def _weights_have_a_use(self) -> Self:
        if self.objective == "metric" and self.weights != DEFAULT_WEIGHTS:
            raise ValueError(
                'weights apply to objective = "composite", and the objective is "metric": set '
                'search.objective = "composite", or remove search.weights'
            )
        return self

    @property
    def objective_weights(self) -> Mapping[str, float]:
        """Weights of the measures in the score, which decides."""
        return objective_weights(self.objective, self.weights)

    @property
    def guarded(self) -> bool:
        """True if more than the main metric decides: a composite score, or constraints."""
        return bool(self.constraints) or is_composite(self.objective_weights)

    @property
    def limits(self) -> list[Constraint]:
        """The constraints, parsed."""
        return [Constraint.parse(text) for text in self.constraints]


class SearchSettings(SearchOptions):
    """Settings of a search, as the roles get them."""

    reviewers: dict[Moment, tuple[str, ...]] = Field(default_factory=dict)
    """Names of the reviewers that are asked before a prompt is scored or promoted, in this order."""
    price: Price | None = None
    """Price of the scorer's model. Without a price there is no `cost` measure."""
    scorer_kind: ModelKind = "local"
    reference_kind: ModelKind = "local"
    structured: bool = False
    """True if the scorer's model can be held to a JSON schema."""

    def schema_for(self, task: Task) -> str | None:
        """Return the JSON Schema that a whole reply to `task` must satisfy; None if there is none.

        There is none if the model cannot be held to it, or if the answer may stand among other words.
        """
        answer = task.answer
        whole = (task.frame == "own" or task.messages) and answer.marker is None and answer.pattern is None
        return answer.json_schema if self.structured and whole and answer.type == "json" else None

    def answer_tokens(self, task: Task, *, stated: bool = True) -> int:
        """Return the most tokens of an answer to `task`, with all its guesses if it is stated."""
        return answer_limit(self.max_tokens, self.scorer_kind, task, self.guesses if stated else 1)

    def expected_tokens(self, task: Task) -> int:
        """Return the tokens that an answer to `task` is expected to have, before any has been seen."""
        return expected_answer(self.max_tokens, self.scorer_kind, task, self.guesses)

    @property
    def most_proposal_tokens(self) -> int:
        """Most tokens of a proposal."""
        return proposal_limit(self.proposal_tokens, self.reference_kind)

    @property
    def expected_proposal_tokens(self) -> int:
        """Tokens that a proposal is expected to have, before any has been seen."""
        return expected_proposal(self.proposal_tokens, self.reference_kind)

    @property
    def longest_prompt(self) -> int:
        """Number of characters of the longest prompt allowed."""
        return longest_prompt(self.prompt_characters, self.scorer_kind)

    def race_rule(self, *, first: bool) -> RaceRule | None:
        """Return the rule for the first race of a stage, or for a later one; None without races."""
        if not self.racing:
            return None
        # Among the many prompts of the first race one has a lucky start, and would stop the best for good.
        return RaceRule(block=self.block, gamma=_FIRST_GAMMA if first else _GAMMA)

    @property
    def full_briefing(self) -> bool:
        """True if requests for proposals show everything that is known."""
        return self.briefing == "full" or (self.briefing == "auto" and self.reference_kind != "local")

    source: StageSettings = StageSettings()
    target: StageSettings = StageSettings()
    targets: dict[str, StageSettings] = Field(default_factory=dict)
    """Settings of the stages of several targets, by the name of their task."""

    def plan(self, stage: str) -> StageSettings:
        """Return the settings of a stage."""
        if is_kind(stage, "source"):
            return self.source
        return self.targets.get(stage_target(stage), self.target)
