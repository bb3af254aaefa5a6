"""Grades: what a metric says of one output, and the output that it looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Output:
    """A model's reply as the metrics see it."""

    text: str
    """Reply without the model's reasoning and without special tokens."""
    answer: str | None
    """Answer in canonical form; None if the reply holds none."""
    cut: bool = False
    """True if the reply was cut off at its token limit."""


@dataclass(frozen=True, slots=True)
class Grade:
    """Value of one metric for one output."""

    value: float
    """In [0, 1]; 1 is the best."""
    feedback: str = ""
    """What was wrong, in words, for the agent that improves the prompt; "" if nothing was."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """Values of parts of the metric, each in [0, 1], such as one for each field."""
