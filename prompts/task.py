"""Tasks: a description, examples in three splits, the request, the form of an answer, and the metrics."""

from hashlib import sha256
from string import ascii_uppercase
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .metrics.settings import MetricSettings
from .program import ProgramSettings

AnswerType = Literal["label", "letter", "number", "text", "list", "json", "raw"]
Split = Literal["train", "dev", "test"]
Frame = Literal["answer+confidence", "reason, then answer", "own"]
"""What the request says besides the user's own words.

"answer+confidence" demands an answer and a confidence on two lines. "reason, then answer" lets the model
reason and demands the answer on a last line. "own" adds nothing.
"""
INSTRUCTION = "instruction"
"""Name of the text that is optimised, in a task that names no others."""


def _is_empty(value: object) -> bool:
    """Return True for an empty field, which is left out of the log."""
    return not value


class AnswerFormat(BaseModel):
    """Form of the answers to a task.

    A "label" is one of `labels`. A "letter" is the letter of one of the example's own `choices`. A "number"
    is compared by value. A "text" is free text, compared without regard to case, spacing and final
    punctuation. A "list" holds several items in any order, of `labels` if there are any. "json" is one JSON
    value, and "raw" is the whole reply.

    The canonical form of every answer is a text: that of a list or a JSON value is JSON.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: AnswerType
    labels: tuple[str, ...] = ()
    json_schema: str | None = Field(default=None, exclude_if=_is_empty)
    """JSON Schema, as JSON, of an answer of type "json"."""
    marker: str | None = Field(default=None, exclude_if=_is_empty)
    """Text after whose last occurrence in a reply the answer stands, such as "####"."""
    pattern: str | None = Field(default=None, exclude_if=_is_empty)
    """Regular expression whose last match in a reply is the answer: its first group, or the whole match."""
    function: str | None = Field(default=None, exclude_if=_is_empty)
    """Function of the user's that reads the answer in a reply, as "FILE.py:FUNCTION"."""

    @model_validator(mode="after")
    def _labels_where_needed(self) -> Self:
        if self.type == "label" and len(self.labels) < 2:
            raise ValueError('type "label" needs at least two labels: labels = ["yes", "no"]')
        if self.type not in ("label", "list") and self.labels:
            raise ValueError(f'labels belong to type "label" or "list", not to "{self.type}"')
        return self

    @model_validator(mode="after")
    def _one_way_to_find_it(self) -> Self:
        if self.json_schema and self.type != "json":
            raise ValueError(f'json_schema belongs to type "json", not to "{self.type}"')
        if self.marker and self.pattern:
            raise ValueError("marker and pattern both say where the answer stands; give one of them")
        return self


class Example(BaseModel):
    """An input with its right answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    question: str
    """Text that the model is to answer; "" in a task with message templates of its own."""
    answer: str
    """Right answer in canonical form; "" if the task needs none."""
    context: str | None = None
    """Text that the question is about, if it is not part of the question."""
    choices: tuple[str, ...] | None = None
    """Options of this example, for answers of type "letter"."""
    # Left out if empty, so that an example with one right answer is stored as it was before schema 2.
    alternatives: tuple[str, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Further right answers. `answer` comes first: it is the one that a demonstration shows."""

    columns: dict[str, Any] = Field(default_factory=dict, exclude_if=_is_empty)
    """Columns of the data that the task's message template or its metrics use, as JSON values."""

    weight: float = Field(default=1.0, exclude_if=lambda value: value == 1)
    """Weight of the example in means over examples; 1 unless the data say otherwise."""

    def __hash__(self) -> int:
        return hash((self.id, self.question, self.answer))

    @property
    def right_answers(self) -> tuple[str, ...]:
        """All right answers; a reply is right if it equals any of them."""
        return (self.answer, *self.alternatives)


class MessageTemplate(BaseModel):
    """One turn of a task's request. `content` holds placeholders such as "{{ question }}".

    A placeholder names a text that is optimised or a column; a whole content that is one placeholder of a
    chat history stands for the turns of that history.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str


class Task(BaseModel):
    """A named task with its three splits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    answer: AnswerFormat
    initial_prompts: tuple[str, ...] = Field(min_length=1)
    """Prompts that a person would try first."""
    texts: tuple[str, ...] = Field(default=(INSTRUCTION,), exclude_if=lambda value: value == (INSTRUCTION,))
    """Names of the texts that a prompt consists of; see `named_texts`."""
    messages: tuple[MessageTemplate, ...] = Field(default=(), exclude_if=_is_empty)
    """The task's own request; () if a frame makes it."""
    frame: Frame = Field(default="answer+confidence", exclude_if=lambda value: value == "answer+confidence")
    program: ProgramSettings | None = Field(default=None, exclude_if=_is_empty)
    """The system that turns an example into an output; None if that is one call of the scorer."""
    metrics: tuple[MetricSettings, ...] = Field(default=(), exclude_if=_is_empty)
    """The main metric, then further ones; () for the usual metric of the answers' type."""
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
