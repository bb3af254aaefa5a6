"""Tasks: a description, examples in three splits, and the form of an answer."""

from hashlib import sha256
from string import ascii_uppercase
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

AnswerType = Literal["label", "letter", "number", "text"]
Split = Literal["train", "dev", "test"]


class AnswerFormat(BaseModel):
    """Form of the answers to a task.

    A "label" is one of `labels`. A "letter" is the letter of one of the example's own `choices`. A "number"
    is compared by value. A "text" is free text, compared without regard to case, spacing and final
    punctuation.
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
    """An input with its right answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    answer: str
    context: str | None = None
    """Text that the question is about, if it is not part of the question."""
    choices: tuple[str, ...] | None = None
    """Options of this example, for answers of type "letter"."""
    # Left out if empty, so that an example with one right answer is stored as it was before schema 2.
    alternatives: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Further right answers. `answer` comes first: it is the one that a demonstration shows."""

    @property
    def right_answers(self) -> tuple[str, ...]:
        """All right answers; a reply is right if it equals any of them."""
        return (self.answer, *self.alternatives)


class Task(BaseModel):
    """A named task with its three splits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    answer: AnswerFormat
    initial_prompts: tuple[str, ...] = Field(min_length=1)
    """Prompts that a person would try first."""
    train: tuple[Example, ...] = ()
    """Source of exemplars and demonstrations."""
    dev: tuple[Example, ...] = ()
    """Examples on which candidates are scored."""
    test: tuple[Example, ...] = ()
    """Held-out examples, seen once, by the final comparison."""

    def split(self, name: Split) -> tuple[Example, ...]:
        """Return the examples of one split."""
        return {"train": self.train, "dev": self.dev, "test": self.test}[name]

    def options(self, example: Example) -> tuple[str, ...] | None:
        """Return the options of `example`: the labels or the letters; None if the answer is open."""
        if self.answer.type == "label":
            return self.answer.labels
        if self.answer.type == "letter":
            return tuple(ascii_uppercase[: len(example.choices or ())])
        return None

    def digest(self) -> str:
        """Return a short digest of the whole task. Two runs with the same digest have used the same data."""
        return sha256(self.model_dump_json().encode()).hexdigest()[:16]
