"""Settings of a search. The defaults follow OPRO (arXiv 2309.03409)."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ...prompts.reading.reading import NEWEST, Rules
from ..messages.reviews import Moment
from ..models.price import Price
from ..operators.names import OperatorName
from ..scoring.constraints import Constraint
from ..scoring.evaluator import DEFAULT_WEIGHTS
from .race_rules import RaceRule
from .wording_settings import MEASURED, WordingSettings

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
)
"""Operators for a model that can write. The others change little, or serve a model that cannot."""
_FIRST_GAMMA, _GAMMA = 0.15, 0.35
"""Chance of winning below which a candidate is stopped, in the first race of a stage and in later ones.

It is high because the next proposal is the better bet.
"""


class SearchOptions(_Settings):
    """Settings of both stages: the table [search] of a configuration."""

    promote: int = Field(default=4, ge=1)
    """Number of source prompts that are promoted to the target stage."""
    answer: Literal["likelihood", "stated", "both"] = "stated"
    """Way to answer: stated with a confidence, by the likelihoods of the options, or both.

    With both, the stated answer counts, and its likelihood among the options is recorded.
    """
    guesses: int = Field(default=1, ge=1, le=9)
    """Number of stated guesses: one with a confidence (vanilla), or several with probabilities (top-k)."""
    max_tokens: int = Field(default=48, ge=1)
    """Most tokens in an answer, or in each guess."""
    reading: Rules = NEWEST
    """Version of the rules by which replies are read. A log without the setting was written by version 1."""
    history: int = Field(default=20, ge=1)
    """Number of scored prompts shown to the reference agent."""
    exemplars: int = Field(default=3, ge=0)
    """Number of training examples shown to the reference agent."""
    temperature: float = Field(default=1.0, ge=0.0)
    """Temperature of the reference agent's model."""
    proposal_tokens: int = Field(default=160, ge=8)
    """Most tokens in a proposal."""
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

    Must precede `weights` and `constraints`, whose validators read it.
    """
    weights: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    """Weights of the measures, and of judged dimensions, in the composite score."""
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
    def _readable(cls, constraints: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        parsed = [Constraint.parse(text) for text in constraints]
        _check_names([constraint.measure for constraint in parsed], MEASURED, info)
        return tuple(map(str, parsed))

    @field_validator("weights")
    @classmethod
    def _known(cls, weights: dict[str, float], info: ValidationInfo) -> dict[str, float]:
        _check_names(weights, tuple(DEFAULT_WEIGHTS), info)
        measured = [weight for name, weight in weights.items() if name in DEFAULT_WEIGHTS]
        if not all(isfinite(w) and w >= 0 for w in weights.values()) or not sum(measured):
            raise ValueError(
                "weights must be finite and not negative, and one that is not judged must be above zero"
            )
        return dict(sorted(weights.items()))


def _check_names(names: Iterable[str], measures: Sequence[str], info: ValidationInfo) -> None:
    """Raise ValueError for a name that is neither among `measures` nor a judged dimension."""
    if "wording" not in info.data:
        return  # The judge's table is invalid, so its dimensions are not known.
    wording: WordingSettings | None = info.data["wording"]
    known = (*measures, *(wording.names if wording else ()))
    if unknown := sorted(set(names) - set(known)):
        hint = "" if wording else "; dimensions of the wording need a [search.wording]"
        raise ValueError(f"unknown measure {', '.join(unknown)}; known are {', '.join(known)}{hint}")


class SearchSettings(SearchOptions):
    """Settings of a search, as the roles get them."""

    reviewers: dict[Moment, tuple[str, ...]] = Field(default_factory=dict)
    """Names of the reviewers that are asked before a prompt is scored or promoted, in this order."""
    price: Price | None = None
    """Price of the scorer's model. Without a price there is no `cost` measure."""

    def race_rule(self, *, first: bool) -> RaceRule | None:
        """Return the rule for the first race of a stage, or for a later one; None without races."""
        if not self.racing:
            return None
        # Among the many prompts of the first race one has a lucky start, and would stop the best for good.
        return RaceRule(block=self.block, gamma=_FIRST_GAMMA if first else _GAMMA)

    @property
    def limits(self) -> list[Constraint]:
        """The constraints, parsed."""
        return [Constraint.parse(text) for text in self.constraints]

    source: StageSettings = StageSettings()
    target: StageSettings = StageSettings()
