"""Options of the metric "judge", by which a model rates the responses of the scorer's model."""

from functools import cache
from math import isfinite
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ..errors import MetricError
from ..rubric import Dimension, bundled_rubric, rising
from ..validation_errors import describe_errors
from .settings import MetricSettings

JUDGE = "judge"
"""Name of the metric, and of the model that it asks."""
NOISE = "noise"
"""Part of a grade that holds the standard deviation of its samples. Lower is better."""
_GROUNDED = "faithfulness"
"""Dimension that needs material besides the input."""
_WHOLE = "quality"
"""Dimension that stands for all others."""


class Calibration(BaseModel):
    """Columns with responses and with what people think of them, for `tp calibrate-judge`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    response: str = Field(min_length=1)
    """Column of a given response."""
    label: str = Field(min_length=1)
    """Column of its rating by a person: a number on the scale, or for pairs the share of wins, 0 to 1."""


class JudgeOptions(BaseModel):
    """The judge's dimensions and scale, and the number of its samples.

    A "pointwise" judge scores each dimension on the scale. A "pairwise" one compares the response with the
    right answer, once in each order, and the value is the share of comparisons that the response wins; a tie
    counts half.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dimensions: tuple[Dimension, ...] = ()
    """Names of the bundled rubric, or tables with name, question, low and high; () for the usual ones."""
    weights: dict[str, float] = Field(default_factory=dict)
    """Dimension -> weight in the value; 1 for a dimension that is left out."""
    scale: tuple[int, int] = (1, 5)
    """Worst and best score, both whole numbers."""
    gold: bool | None = None
    """True if the judge is shown the right answer; None if it is shown where there is one."""
    mode: Literal["pointwise", "pairwise"] = "pointwise"
    samples: int = Field(default=1, ge=1, le=50)
    """Number of judgements of each dimension. Two or more measure the judge's own noise."""
    temperature: float | None = Field(default=None, ge=0.0)
    """Temperature of the judge's model; by default 0 for one sample and 1 for several."""
    max_tokens: int = Field(default=1000, ge=8)
    """Most tokens in a judgement. It takes about 50; a model that thinks first needs more."""
    calibrate: Calibration | None = None

    @field_validator("dimensions", mode="before")
    @classmethod
    def _from_names(cls, dimensions: Any) -> Any:
        if not isinstance(dimensions, list | tuple):
            return dimensions
        return tuple(_bundled(one) if isinstance(one, str) else one for one in dimensions)

    @field_validator("scale")
    @classmethod
    def _rises(cls, scale: tuple[int, int]) -> tuple[int, int]:
        return rising(scale)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [dimension.name for dimension in self.dimensions]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"dimensions: {', '.join(twice)} is listed twice")
        if NOISE in names:
            raise ValueError(
                f'dimensions: "{NOISE}" is the name of the judge\'s own noise: choose another one'
            )
        known = names or bundled_rubric("response").names
        if unknown := sorted(set(self.weights) - set(known)):
            raise ValueError(f"weights: {', '.join(unknown)} is not judged; judged are {', '.join(known)}")
        if not all(isfinite(weight) and weight >= 0 for weight in self.weights.values()):
            raise ValueError("weights must be finite and not negative")
        if not any(self.weights.get(name, 1.0) for name in known):
            raise ValueError("weights: one of them must be above zero")
        if self.mode == "pairwise" and self.gold is False:
            raise ValueError('mode = "pairwise" compares with the right answer: leave out gold = false')
        return self

    @property
    def heat(self) -> float:
        """Temperature of the judge's model."""
        return (1.0 if self.samples > 1 else 0.0) if self.temperature is None else self.temperature

    @property
    def needs_gold(self) -> bool:
        """True if every example must have a right answer."""
        return self.gold is True or self.mode == "pairwise"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the metric reads."""
        return (self.calibrate.response, self.calibrate.label) if self.calibrate else ()

    def asked(self, *, grounded: bool) -> tuple[Dimension, ...]:
        """Return the judged dimensions; `grounded` says that the task gives material besides the input."""
        if self.dimensions:
            return self.dimensions
        rubric = bundled_rubric("response")
        if self.mode == "pairwise":
            return (rubric.dimension(_WHOLE),)
        return tuple(one for one in rubric.dimensions if grounded or one.name != _GROUNDED)


def judge_options(settings: MetricSettings) -> JudgeOptions:
    """Return the options of a metric "judge". Raise `MetricError` naming each bad key and the remedy."""
    try:
        return JudgeOptions.model_validate(settings.options)
    except ValidationError as error:
        raise MetricError(describe_errors(f'metric "{settings.name}"', error, JudgeOptions)) from error


@cache
def _bundled(name: str) -> Dimension:
    rubric = bundled_rubric("response")
    if name not in rubric.names:
        raise ValueError(
            f"there is no dimension {name!r}; there are {', '.join(rubric.names)}, or write your own as "
            '{ name = "...", question = "...", low = "...", high = "..." }'
        )
    return rubric.dimension(name)
