"""Metric "length": a text that is neither too short nor too long."""

from collections.abc import Callable
from typing import Literal, Self

from pydantic import Field, model_validator

from .grade import Grade
from .metric import Case
from .text_options import TextOptions
from .words import count_sentences, count_words

Unit = Literal["words", "characters", "sentences", "lines"]
_COUNTS: dict[Unit, Callable[[str], int]] = {
    "words": count_words,
    "characters": len,
    "sentences": count_sentences,
    "lines": lambda text: sum(1 for line in text.splitlines() if line.strip()),
}


class LengthOptions(TextOptions):
    """Options of "length"."""

    unit: Unit = "words"
    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    falloff: float = Field(default=0.5, ge=0, allow_inf_nan=False)
    """Share of a limit beyond it at which the value reaches 0; with 0, any transgression is worth 0."""

    @model_validator(mode="after")
    def _limits_make_sense(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("it needs min, max or both, such as max = 50")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min = {self.min} is above max = {self.max}")
        return self


def grade_length(options: LengthOptions, case: Case) -> Grade:
    """Return 1 within the limits, and less the further the length is beyond one."""
    count = _COUNTS[options.unit](case.text.strip())
    low = options.min is not None and count < options.min
    limit = options.min if low else options.max
    beyond = 0 if limit is None else (limit - count if low else max(count - limit, 0))
    if limit is None or not beyond:
        return Grade(1.0)
    room = options.falloff * limit
    value = max(0.0, 1 - beyond / room) if room else 0.0
    wanted = f"at least {limit}" if low else f"at most {limit}"
    unit = options.unit if count != 1 else options.unit.removesuffix("s")
    return Grade(value, f"It has {count} {unit}; wanted are {wanted}.")
