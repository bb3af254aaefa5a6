"""Scores: the outcome of one example, one measure with its interval, and the score vector of a prompt."""

from collections.abc import Sequence
from math import hypot

from pydantic import BaseModel, ConfigDict, Field

from ...prompts.sums import summed


class Measure(BaseModel):
    """Value of one measure over `n` examples, with its 95 % interval."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float | None
    """None if the measure is undefined for these examples."""
    n: int
    """Number of examples that the value rests on."""
    low: float | None = None
    """Lower end of the 95 % interval; None without a value, or if no interval was asked for."""
    high: float | None = None
    """Upper end of the 95 % interval."""

    def apart(self, other: "Measure | None") -> bool:
        """Return whether both measures have an interval and the intervals do not overlap."""
        if self.low is None or self.high is None or other is None or other.low is None or other.high is None:
            return False
        return self.low > other.high or self.high < other.low

    def summary(self) -> str:
        """Return the value with its interval, for a sentence."""
        if self.value is None:
            return "undefined"
        if self.low is None or self.high is None:
            return f"{self.value:.3g}"
        return f"{self.value:.3g}, 95 % interval {self.low:.3g} to {self.high:.3g}"


class TraceStep(BaseModel):
    """One step of a program on an example, shortened: a model call, or what the program has noted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    texts: tuple[str, ...] = ()
    """Names of the optimised texts in the request; () for a step that is no call, or rests on none."""
    model: str = ""
    """Role whose model was asked, or what the step is if it was no call, such as "search"."""
    asked: str = ""
    """Request without the texts: the turns of the user and of tools."""
    reply: str = ""
    """Text of the reply, its calls of tools, or what was noted."""
    error: str = Field(default="", exclude_if=lambda value: not value)
    """Why there was no reply."""
    tokens: int = 0
    """Tokens of request and reply."""


class Outcome(BaseModel):
    """Outcome of one example under one prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    example: str
    """Id of the example."""
    answer: str | None
    """Answer in canonical form; None if the reply holds none in the demanded format."""
    correct: bool
    followed: bool | None
    """True if the reply keeps the demanded format; None if no format was demanded."""
    confidence: float | None
    """Confidence in [0, 1]: stated by the model, or the normalised likelihood of its answer."""
    likelihood: float | None = None
    """Normalised likelihood of a stated answer among the options; None if not asked for or unknown."""
    graded: float | None = Field(default=None, exclude_if=lambda value: value is None)
    """Main metric in [0, 1]; None if it is 1 for a right answer and 0 for any other."""
    metrics: dict[str, float] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Further metrics and parts of metrics, each in [0, 1], by name."""
    feedback: dict[str, str] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Metric -> what it says was wrong, in words."""
    output: str = Field(default="", exclude_if=lambda value: not value)
    """What the model replied, shortened; "" if `answer` says it all or nothing was wrong."""
    cut: bool = Field(default=False, exclude_if=lambda value: not value)
    """True if the reply was cut off at its token limit."""
    trace: tuple[TraceStep, ...] = Field(default=(), exclude_if=lambda value: not value)
    """Steps of the program that led to an output that is not fully right; () without a program."""
    weight: float = Field(default=1.0, exclude_if=lambda value: value == 1)
    """Weight of the example, see `Example.weight`."""

    @property
    def value(self) -> float:
        """Value of the main metric, in [0, 1]."""
        return float(self.correct) if self.graded is None else self.graded


class Score(BaseModel):
    """Score vector of a prompt on one split of one task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    composite: float
    """Score by the objective, in [0, 1]: the main metric, or the weighted mean of the measures."""
    measures: dict[str, Measure]
    """Name -> measure."""

    def value(self, name: str) -> float | None:
        """Return the value of one measure; None if it is undefined or absent."""
        measure = self.measures.get(name)
        return measure.value if measure else None


def merged(measures: Sequence[Measure]) -> Measure:
    """Return one measure over several tasks: the mean of the defined values, over all examples.

    The tasks' examples are independent samples, so the intervals are combined side by side (MOVER, Zou &
    Donner 2008). The result has an interval only if every defined value has one.
    """
    if len(measures) == 1:
        return measures[0]
    known = [measure for measure in measures if measure.value is not None]
    n = sum(measure.n for measure in measures)
    values = [measure.value for measure in known if measure.value is not None]
    if not values:
        return Measure(value=None, n=n)
    value = summed(values) / len(values)
    below = [v - m.low for v, m in zip(values, known, strict=True) if m.low is not None]
    above = [m.high - v for v, m in zip(values, known, strict=True) if m.high is not None]
    if len(below) < len(values) or len(above) < len(values):
        return Measure(value=value, n=n)
    return Measure(
        value=value, n=n, low=value - hypot(*below) / len(values), high=value + hypot(*above) / len(values)
    )
