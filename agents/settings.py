"""How a search goes: the numbers that the agents are given. The defaults follow OPRO (arXiv 2309.03409)."""

from math import isfinite
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from .evaluator import DEFAULT_WEIGHTS


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StageSettings(_Settings):
    """One stage: how many steps, proposals a step and development examples a task."""

    steps: int = Field(default=4, ge=0)
    candidates: int = Field(default=8, ge=1)
    examples: int = Field(default=50, ge=2)
    patience: int = Field(default=3, ge=1)
    """End the stage after this many steps in a row without a better prompt."""


class SearchOptions(_Settings):
    """What holds for both stages: the table [search] of a configuration."""

    promote: int = Field(default=4, ge=1)
    """How many source prompts go into the target stage."""
    answer: Literal["likelihood", "stated"] = "stated"
    """The model states its answer and a confidence, or its options' likelihoods are compared."""
    max_tokens: int = Field(default=48, ge=1)
    """Of an answer."""
    history: int = Field(default=20, ge=1)
    exemplars: int = Field(default=3, ge=0)
    temperature: float = Field(default=1.0, ge=0.0)
    """Of the reference agent's model."""
    proposal_tokens: int = Field(default=160, ge=8)
    edits: float = Field(default=0.5, ge=0.0, le=1.0)
    """The share of proposals made by editing prompts, without a model; the rest are written by it."""
    seed_prompts: bool = True
    """Whether the library of seed prompts joins the user's initial prompts."""
    weights: dict[str, float] = Field(default_factory=lambda: dict(DEFAULT_WEIGHTS))

    @field_validator("weights")
    @classmethod
    def _known(cls, weights: dict[str, float]) -> dict[str, float]:
        if unknown := sorted(set(weights) - set(DEFAULT_WEIGHTS)):
            raise ValueError(f"unknown measure {', '.join(unknown)}; known are {', '.join(DEFAULT_WEIGHTS)}")
        if not all(isfinite(w) and w >= 0 for w in weights.values()) or not sum(weights.values()):
            raise ValueError("weights must be finite and not negative, and one must be above zero")
        return dict(sorted(weights.items()))


class SearchSettings(SearchOptions):
    """Everything that the three roles need to know."""

    source: StageSettings = StageSettings()
    target: StageSettings = StageSettings()
