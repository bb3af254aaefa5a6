"""A lesson: one sentence of prompts, what it has been worth, and what that rests on."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Lesson(BaseModel):
    """The worth of one sentence, in utility per example, as it is told, stored and carried over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sentence: str
    text: str = ""
    """Name of the text of a prompt that it stands in; empty if a prompt is one text."""
    mean: Finite
    """Posterior mean of the change in utility, in [0, 1] per example, that the sentence brings."""
    sd: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """Posterior standard deviation of that change."""
    answers: int = Field(ge=0)
    """Number of answers of prompts with the sentence."""
    examples: int = Field(ge=0)
    """Number of examples that prompts both with it and without it have answered."""
    tasks: int = Field(default=1, ge=0)
    """Number of tasks that these answers come from."""
    models: int = Field(default=1, ge=0)
    """Number of models that these answers come from."""
    topic: str = ""
    """The word that says which inputs the sentence is about; empty for a sentence about all of them."""
    kept: bool = False
    """Whether it stands in the best prompt of the stage or run that it was learned in."""

    @property
    def z(self) -> float:
        """Mean in standard deviations."""
        return self.mean / self.sd
