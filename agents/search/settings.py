"""How a search goes: the numbers that the agents are given. The defaults follow OPRO (arXiv 2309.03409)."""

from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from ..messages.reviews import Moment
from ..models.price import Price
from ..operators.names import OperatorName
from ..scoring.constraints import Constraint
from ..scoring.evaluator import DEFAULT_WEIGHTS
from .judge_settings import MEASURED, JudgeSettings
from .race_rules import RaceRule

PROPOSING = 2
"""Requests for proposals under way at a time, at most."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageSettings(_Settings):
    """One stage: how many steps, proposals a step and development examples a task."""

    steps: int = Field(default=12, ge=0)
    candidates: int = Field(default=3, ge=1)
    examples: int = Field(default=100, ge=2)
    patience: int = Field(default=4, ge=1)
    """End the stage after this many steps in a row without a better prompt."""
    budget: int | None = Field(default=None, ge=1)
    """End the stage once this many examples have been answered in it, all prompts together."""
    tokens: int | None = Field(default=None, ge=1)
    """End the stage once its answers have cost this many tokens, of prompts and replies together."""


DEFAULT_OPERATORS: tuple[OperatorName, ...] = (
    "reflection",
    "demonstrations",
    "crossover",
    "history",
    "format_repair",
)
"""For a reference model that can write; the others change little, or are there for one that cannot."""
_FIRST_GAMMA, _GAMMA = 0.15, 0.35  # of the first race of a stage, and of the others
"""A candidate that is as likely as that to win is still dropped: the next proposal is a better bet."""


class SearchOptions(_Settings):
    """What holds for both stages: the table [search] of a configuration."""

    promote: int = Field(default=4, ge=1)
    """How many source prompts go into the target stage."""
    answer: Literal["likelihood", "stated", "both"] = "stated"
    """The model states its answer and a confidence, or its options' likelihoods are compared, or both: the
    stated answer counts, and its likelihood among the options is recorded beside it."""
    guesses: int = Field(default=1, ge=1, le=9)
    """Of a stated answer: one with a confidence (vanilla), or several with probabilities (top-k)."""
    max_tokens: int = Field(default=48, ge=1)
    """Of an answer, or of each guess."""
    history: int = Field(default=20, ge=1)
    exemplars: int = Field(default=3, ge=0)
    temperature: float = Field(default=1.0, ge=0.0)
    """Of the reference agent's model."""
    proposal_tokens: int = Field(default=160, ge=8)
    operators: tuple[OperatorName, ...] = DEFAULT_OPERATORS
    """The ways to make a proposal that may be used, in the order in which they are first tried."""
    seed_prompts: bool = True
    """Whether the library of seed prompts joins the user's initial prompts."""
    racing: bool = True
    """Whether candidates that cannot win any more are spared the rest of the examples."""
    block: int = Field(default=5, ge=1)
    """After so many examples each the candidates of a race are compared."""
    concurrent_steps: int = Field(default=2, ge=1)
    """How many steps of a stage may be under way at a time.

    A single one leaves the models idle at the end of each round of its race. With several, prompts are
    proposed while the last ones are still in their races, and so know less of how those will end: of two,
    little is lost; five keep sixteen slots busy, and need more evaluations.
    """
    thrift: float = Field(default=0.02, ge=0.0, le=1.0)
    """What a prompt must bring, in utility per example, for each doubling of the tokens of its answers."""
    control: bool = False
    """Whether the target task is also searched from scratch, with the tokens that all else has cost."""
    judge: JudgeSettings | None = None
    """Whether winners are judged by their wording, too, and how; before what may name its dimensions."""
    weights: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    constraints: tuple[str, ...] = ()
    """Demands such as "ifr >= 0.95": a prompt that breaks more of them than the best does not replace it."""

    @field_validator("operators")
    @classmethod
    def _one_or_more(cls, operators: tuple[OperatorName, ...]) -> tuple[OperatorName, ...]:
        if not operators:
            raise ValueError("at least one operator is needed")
        if twice := sorted({name for name in operators if operators.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} stands there twice")
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
                "weights must be finite and not negative, and one must be above zero, judged ones aside"
            )
        return dict(sorted(weights.items()))


def _check_names(names: Iterable[str], measures: Sequence[str], info: ValidationInfo) -> None:
    """Raise ValueError for a name that is neither among `measures` nor a judged dimension."""
    if "judge" not in info.data:
        return  # It was refused, so nobody can say which dimensions there are.
    judge: JudgeSettings | None = info.data["judge"]
    known = (*measures, *(judge.names if judge else ()))
    if unknown := sorted(set(names) - set(known)):
        hint = "" if judge else "; judged dimensions need a [search.judge]"
        raise ValueError(f"unknown measure {', '.join(unknown)}; known are {', '.join(known)}{hint}")


class SearchSettings(SearchOptions):
    """Everything that the roles need to know."""

    reviewers: dict[Moment, tuple[str, ...]] = Field(default_factory=dict)
    """Who is asked before a prompt goes on, in this order."""
    price: Price | None = None
    """Of the scorer's model; without one there is no `cost`."""

    def race_rule(self, *, first: bool) -> RaceRule | None:
        """When a candidate is stopped, in the first race of a stage or in a later one; None for never."""
        if not self.racing:
            return None
        # Among the many prompts of the first race one has a lucky start; no later proposal makes up for it.
        return RaceRule(block=self.block, gamma=_FIRST_GAMMA if first else _GAMMA)

    @property
    def limits(self) -> list[Constraint]:
        """The constraints, ready to be held against a score."""
        return [Constraint.parse(text) for text in self.constraints]

    source: StageSettings = StageSettings()
    target: StageSettings = StageSettings()
