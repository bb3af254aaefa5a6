"""A task: what is asked, the examples, and the form of a right answer."""

from hashlib import sha256
from string import ascii_uppercase
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

AnswerType = Literal["label", "letter", "number", "text"]
Split = Literal["train", "dev", "test"]


class AnswerFormat(BaseModel):
    """What an answer looks like.

    "label": one of `labels`. "letter": the letter of one of the example's own `choices`. "number": a number,
    compared by value. "text": free text, compared after folding case, spaces and final punctuation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: AnswerType
    labels: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _labels_where_needed(self) -> Self:
        if self.type == "label" and len(self.labels) < 2:
            raise ValueError('type "label" needs at least two labels: labels = ["yes", "no"]')
        if self.type != "label" and self.labels:
            raise ValueError(f'labels belong to type "label", not to "{self.type}"')
        return self


class Example(BaseModel):
    """One labelled row. `choices` are the example's own options, for answers of type "letter"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    answer: str
    context: str | None = None
    choices: tuple[str, ...] | None = None


class Task(BaseModel):
    """A named task with its three splits.

    Candidates are scored on `dev`, exemplars and demonstrations come from `train`, and `test` is seen
    once, by the final comparison. `initial_prompts` are what a person would try first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    answer: AnswerFormat
    initial_prompts: tuple[str, ...] = Field(min_length=1)
    train: tuple[Example, ...] = ()
    dev: tuple[Example, ...] = ()
    test: tuple[Example, ...] = ()

    def split(self, name: Split) -> tuple[Example, ...]:
        """The examples of one split."""
        return {"train": self.train, "dev": self.dev, "test": self.test}[name]

    def options(self, example: Example) -> tuple[str, ...] | None:
        """The answers among which `example` chooses, or None where the answer is open."""
        if self.answer.type == "label":
            return self.answer.labels
        if self.answer.type == "letter":
            return tuple(ascii_uppercase[: len(example.choices or ())])
        return None

    def digest(self) -> str:
        """A short digest of everything in the task, to tell whether two runs saw the same data."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:16]
