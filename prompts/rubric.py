"""Rubrics: the dimensions in which a judge rates a text, and the scale of the ratings."""

import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from .errors import RubricError
from .validation_errors import describe_errors


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dimension(_Frozen):
    """One quality of a wording or of a response, with the question that the judge is asked about it."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    question: str = Field(min_length=1)
    low: str = Field(min_length=1)
    """Meaning of the worst score."""
    high: str = Field(min_length=1)
    """Meaning of the best score."""


class Rubric(_Frozen):
    """Dimensions that are all rated on one scale."""

    name: str = Field(min_length=1)
    scale: tuple[int, int] = (1, 5)
    """Worst and best score, both whole numbers."""
    dimensions: tuple[Dimension, ...] = Field(min_length=1)

    @field_validator("scale")
    @classmethod
    def _rises(cls, scale: tuple[int, int]) -> tuple[int, int]:
        return rising(scale)

    @model_validator(mode="after")
    def _dimensions_differ(self) -> Self:
        if repeated := sorted({name for name in self.names if self.names.count(name) > 1}):
            raise ValueError(f"dimension {', '.join(repeated)} occurs twice: each needs a name of its own")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the dimensions, in their order."""
        return tuple(dimension.name for dimension in self.dimensions)

    def dimension(self, name: str) -> Dimension:
        """Return the dimension called `name`. Raises `KeyError` if there is none."""
        return {dimension.name: dimension for dimension in self.dimensions}[name]

    def share(self, score: float) -> float:
        """Return a score on the scale as a number in [0, 1], from the worst to the best."""
        low, high = self.scale
        return (score - low) / (high - low)


def rising(scale: tuple[int, int]) -> tuple[int, int]:
    """Return a scale. Raise `ValueError` if it does not go up."""
    if not 0 <= scale[0] < scale[1]:
        raise ValueError("give the worst score and then the best, both 0 or greater, such as [1, 5]")
    return scale


@cache
def bundled_rubric(judged: Literal["wording", "response"] = "wording") -> Rubric:
    """Return the rubric that comes with the package, for the wording of prompts or for responses."""
    path = files("transfer_prompting.prompts").joinpath(f"rubrics/{judged}.toml")
    text = path.read_text(encoding="utf-8")
    return Rubric.model_validate(tomllib.loads(text))


def read_rubric(path: Path) -> Rubric:
    """Read the rubric in a file. Raises `RubricError` naming the file, each bad key and the remedy."""
    try:
        return Rubric.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise RubricError(
            f"{path}: there is no such file. Leave the rubric out to use the bundled one"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RubricError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise RubricError(f"{path} is not TOML: {error}") from error
    except ValidationError as error:
        raise RubricError(describe_errors(str(path), error, Rubric)) from error
