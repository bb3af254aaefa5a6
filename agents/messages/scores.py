"""The score vector of a prompt on one split of one task."""

from collections.abc import Sequence
from math import hypot

from pydantic import BaseModel, ConfigDict


class Measure(BaseModel):
    """One number and on how many examples it rests; None where it is undefined there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float | None
    n: int
    low: float | None = None
    """Lower end of the 95 % interval; None where the value is, or where no interval was wanted."""
    high: float | None = None
    """Upper end."""

    def apart(self, other: "Measure | None") -> bool:
        """Whether both have an interval, and these do not meet."""
        if self.low is None or self.high is None or other is None or other.low is None or other.high is None:
            return False
        return self.low > other.high or self.high < other.low

    def told(self) -> str:
        """The value with its interval, in words."""
        if self.value is None:
            return "undefined"
        if self.low is None or self.high is None:
            return f"{self.value:.3g}"
        return f"{self.value:.3g}, 95 % interval {self.low:.3g} to {self.high:.3g}"


class Outcome(BaseModel):
    """What became of one example. `answer` is None where none could be read in the demanded format."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    example: str
    answer: str | None
    correct: bool
    followed: bool | None
    """Whether the reply kept the demanded format; None where no format was demanded."""
    confidence: float | None
    """In [0, 1]: stated by the model, or the normalised likelihood of its answer."""
    likelihood: float | None = None
    """Of a stated answer: its normalised likelihood among the options, where that was asked for and told."""


class Score(BaseModel):
    """All measures by name, and `composite`, their weighted mean in [0, 1]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    composite: float
    measures: dict[str, Measure]

    def value(self, name: str) -> float | None:
        """The value of one measure; None where it is undefined or was not taken."""
        measure = self.measures.get(name)
        return measure.value if measure else None


def merged(measures: Sequence[Measure]) -> Measure:
    """One measure over several tasks: the mean of the values that are defined, on all their examples.

    Its interval puts those of the tasks together, each side by itself (MOVER, Zou & Donner 2008): the tasks'
    examples are independent samples. Without an interval for each task there is none.
    """
    if len(measures) == 1:
        return measures[0]
    known = [measure for measure in measures if measure.value is not None]
    n = sum(measure.n for measure in measures)
    values = [measure.value for measure in known if measure.value is not None]
    if not values:
        return Measure(value=None, n=n)
    value = sum(values) / len(values)
    below = [v - m.low for v, m in zip(values, known, strict=True) if m.low is not None]
    above = [m.high - v for v, m in zip(values, known, strict=True) if m.high is not None]
    if len(below) < len(values) or len(above) < len(values):
        return Measure(value=value, n=n)
    return Measure(
        value=value, n=n, low=value - hypot(*below) / len(values), high=value + hypot(*above) / len(values)
    )
