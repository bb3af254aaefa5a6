"""How prompts are judged: the table [search.judge] of a configuration."""

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from ...prompts.rubric import Dimension, Rubric, bundled_rubric, read_rubric
from ..scoring.evaluator import DEFAULT_WEIGHTS
from ..scoring.measures import LIKELIHOODS

MEASURED = (*DEFAULT_WEIGHTS, "accuracy_parsed", "ece", "brier", "cost", *LIKELIHOODS)
"""The measures that every prompt is scored on; no judged dimension may go by such a name."""


class JudgeSettings(BaseModel):
    """What the judge is asked.

    `rubric` may be given as the path of a file. It is relative to `folder` of the validation context, the
    configuration's own folder, and is read at once: the log keeps the rubric itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rubric: Rubric = Field(default_factory=bundled_rubric)
    dimensions: tuple[str, ...] = ()
    """Those of the rubric that are judged; none stands for all."""
    samples: int = Field(default=3, ge=1)
    """How often each dimension is judged. From two on, the judge's own noise is measured."""
    temperature: float = Field(default=1.0, ge=0.0)
    max_tokens: int = Field(default=24, ge=1)
    """Of a judgement."""

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
            raise ValueError(f"dimensions: {', '.join(twice)} stands there twice")
        if taken := [name for name in names if name in MEASURED]:
            raise ValueError(
                f"rubric: {', '.join(taken)} is the name of a measure already: rename the dimension"
            )
        return self

    @property
    def asked(self) -> tuple[Dimension, ...]:
        """The dimensions that are judged, in the order of the rubric."""
        chosen = self.dimensions or self.rubric.names
        return tuple(dimension for dimension in self.rubric.dimensions if dimension.name in chosen)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dimension.name for dimension in self.asked)
