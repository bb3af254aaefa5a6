"""The shape of a built-in metric: its options, the kinds of answer that it fits, and its function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from ..task import AnswerType, Example, Task
from .grade import Grade, Output


class Options(BaseModel):
    """Options of a metric that needs no right answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def looks_at(self) -> Literal["answer", "reply"]:
        """Whether the metric looks at the answer that was read, or at the whole reply."""
        return "answer"

    @property
    def needs_gold(self) -> bool:
        """Whether the metric compares with right answers."""
        return False

    @property
    def columns(self) -> tuple[str, ...]:
        """Paths of the columns that the metric reads."""
        return ()


class GoldOptions(Options):
    """Options of a metric that compares with right answers."""

    gold: str | None = Field(default=None, min_length=1)
    """Path of the column that holds the right answers; the example's own by default."""

    @property
    def needs_gold(self) -> bool:
        """Return True."""
        return True

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the column of the right answers, if one is named."""
        return () if self.gold is None else (self.gold,)


@dataclass(frozen=True, slots=True)
class Case:
    """What one output is graded on."""

    task: Task
    example: Example
    output: Output
    text: str
    """The answer, in canonical form for a metric of values and as a person would write it for one of texts;
    or the whole reply."""
    golds: tuple[str, ...]
    """Right answers in the same form; () if the metric needs none."""


O_contra = TypeVar("O_contra", bound=Options, contravariant=True)

WORDED: frozenset[AnswerType] = frozenset({"label", "text", "list", "raw"})
"""Kinds of answer that consist of words."""
ANY: frozenset[AnswerType] = frozenset({"label", "letter", "number", "text", "list", "json", "raw"})


@dataclass(frozen=True, slots=True)
class Metric(Generic[O_contra]):
    """A built-in metric."""

    title: str
    """Name for tables and sentences."""
    options: type[Options]
    grade: Callable[[O_contra, Case], Grade]
    """Return the grade of one output. Raise `MetricError` if the example allows none."""
    fits: frozenset[AnswerType] = ANY
    instead: str = ""
    """What to do about an answer of a kind that it does not fit."""
    of_texts: bool = True
    """Whether it compares texts as a person writes them, and not canonical answers."""
    check: Callable[[O_contra, Task, Example], None] | None = None
    """Raise `MetricError` if no output for the example could be graded."""
    title_of: Callable[[Any], str] | None = None
    """Title by the options, if it depends on them."""
