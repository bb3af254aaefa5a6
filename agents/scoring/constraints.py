"""Constraints: limits on single measures, such as "ifr >= 0.95"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..messages.scores import Score

_FORM = re.compile(r"\s*([A-Za-z_][\w.-]*)\s*(>=|<=)\s*(\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True)
class Constraint:
    """A limit on one measure of a `Score`: at least, or at most, `limit`."""

    measure: str
    sign: Literal[">=", "<="]
    limit: float

    @classmethod
    def parse(cls, text: str) -> "Constraint":
        """Parse a text such as "ifr >= 0.95" or "cost <= 2". Raises `ValueError` for any other form."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise ValueError(
                f'constraint {text!r}: write a measure, >= or <=, and a number, as in "ifr >= 0.95"'
            )
        name, sign, limit = match.groups()
        return cls(name, ">=" if sign == ">=" else "<=", float(limit))

    def __str__(self) -> str:
        return f"{self.measure} {self.sign} {self.limit:g}"

    def holds(self, score: Score) -> bool:
        """Return whether `score` satisfies the constraint. An undefined measure does not."""
        value = score.value(self.measure)
        if value is None:
            return False
        return value >= self.limit if self.sign == ">=" else value <= self.limit

    def surely_broken(self, score: Score) -> bool:
        """Return whether the whole 95 % interval of the measure lies on the wrong side of the limit."""
        measure = score.measures.get(self.measure)
        if measure is None or measure.low is None or measure.high is None:
            return False
        return measure.high < self.limit if self.sign == ">=" else measure.low > self.limit


def violated(score: Score, constraints: Sequence[Constraint]) -> list[str]:
    """Return the constraints that `score` breaks, each as a text with the value found."""
    return [
        f"{constraint}, but it is {_shown(score.value(constraint.measure))}"
        for constraint in constraints
        if not constraint.holds(score)
    ]


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3g}"
