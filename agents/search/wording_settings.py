"""Settings of the wording judge: the table [search.wording] of a configuration."""

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ...prompts.rubric import Dimension, Rubric, bundled_rubric, read_rubric
from ..scoring.measures import LIKELIHOODS
from ..scoring.objective import DEFAULT_WEIGHTS

MEASURED = (*DEFAULT_WEIGHTS, "accuracy", "accuracy_parsed", "cut", "ece", "brier", "cost", *LIKELIHOODS)
"""Names of the measures that scoring yields. Judged dimensions and further metrics must have other names."""


class WordingSettings(BaseModel):
    """The rubric, its dimensions to judge, and the requests to the judge's model.

    `rubric` may be the path of a file, relative to `folder` of the validation context, which is the folder of
    the configuration. The file is read during validation, so that the log keeps the rubric itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rubric: Rubric = Field(default_factory=bundled_rubric)
    dimensions: tuple[str, ...] = ()
    """Names of the dimensions that are judged. An empty tuple stands for all of the rubric."""
    samples: int = Field(default=3, ge=1)
    """Number of judgements of each dimension. Two or more measure the judge's own noise."""
    temperature: float = Field(default=1.0, ge=0.0)
    max_tokens: int = Field(default=24, ge=1)
    """Most tokens in a judgement."""

    @field_validator("rubric", mode="before")
    @classmethod
    def _from_file(cls, rubric: Any, info: ValidationInfo) -> Any:
        if not isinstance(rubric, str | Path):
            return rubric
        return read_rubric(Path((info.context or {}).get("folder", ""), rubric))

    @model_validator(mode="after")
    def _known(self) -> Self:
        names = self.rubric.names
        if unknown := [name for name in self.dimensions if name not in names]:
            raise ValueError(f"dimensions: the rubric has no {', '.join(unknown)}; it has {', '.join(names)}")
        if twice := sorted({name for name in self.dimensions if self.dimensions.count(name) > 1}):
            raise ValueError(f"dimensions: {', '.join(twice)} is listed twice")
        if taken := [name for name in names if name in MEASURED]:
            raise ValueError(
                f"rubric: {', '.join(taken)} is the name of a measure already: rename the dimension"
            )
        return self

    @property
    def asked(self) -> tuple[Dimension, ...]:
        """Judged dimensions, in the order of the rubric."""
        chosen = self.dimensions or self.rubric.names
        return tuple(dimension for dimension in self.rubric.dimensions if dimension.name in chosen)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the judged dimensions, in the order of the rubric."""
        return tuple(dimension.name for dimension in self.asked)
