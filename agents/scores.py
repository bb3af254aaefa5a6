"""The score vector of a prompt on one split of one task."""

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


class Score(BaseModel):
    """All measures by name, and `composite`, their weighted mean in [0, 1]."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    composite: float
    measures: dict[str, Measure]

    def value(self, name: str) -> float | None:
        """The value of one measure; None where it is undefined or was not taken."""
        measure = self.measures.get(name)
        return measure.value if measure else None
