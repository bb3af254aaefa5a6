"""Metric "number": a number within a tolerance of the right one."""

from decimal import Decimal

from pydantic import Field

from ..errors import MetricError
from ..reading.number import read_number
from ..task import AnswerFormat, Example, Task
from .feedback import shown
from .golds import golds_of
from .grade import Grade
from .metric import Case, GoldOptions

_FORM = AnswerFormat(type="number")
_NO_EXAMPLE = Example(id="", question="", answer="")


class NumberOptions(GoldOptions):
    """Options of "number"."""

    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Difference that still counts as right, in the unit of the numbers."""
    relative: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Difference that still counts as right, as a share of the right number; the larger tolerance holds."""
    zero_at: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Difference beyond the tolerance at which the value falls to 0; without it, it does so at once."""


def grade_number(options: NumberOptions, case: Case) -> Grade:
    """Return 1 within the tolerance, and less the further the number is away."""
    got = number_in(case.text)
    if got is None:
        return Grade(0.0, f"{shown(case.text)} is not a number.")
    wanted = [_gold(gold, case.example) for gold in case.golds]
    value = max(closeness(got, gold, options) for gold in wanted)
    if value == 1:
        return Grade(1.0)
    nearest = min(wanted, key=lambda gold: abs(gold - got))
    way = "too high" if got > nearest else "too low"
    return Grade(value, f"Expected {_short(nearest)}, got {_short(got)}, which is {way}.")


def check_number(options: NumberOptions, task: Task, example: Example) -> None:
    """Raise `MetricError` if a right answer is no number."""
    for gold in golds_of(example, options.gold, task.answer.type):
        _gold(gold, example)


def number_in(value: object) -> Decimal | None:
    """Return the number that a text or a JSON value is; None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        number = Decimal(str(value))
        return number if number.is_finite() else None
    read = read_number(value, _FORM, _NO_EXAMPLE) if isinstance(value, str) else None
    return None if read is None else Decimal(read)


def within(got: Decimal, wanted: Decimal, tolerance: float, relative: float) -> Decimal:
    """Return by how much the difference of two numbers exceeds the larger tolerance; 0 or less is within."""
    allowed = max(Decimal(str(tolerance)), Decimal(str(relative)) * abs(wanted))
    return abs(got - wanted) - allowed


def closeness(got: Decimal, wanted: Decimal, options: NumberOptions) -> float:
    """Return the value of one number against one right number."""
    beyond = within(got, wanted, options.tolerance, options.relative)
    if beyond <= 0:
        return 1.0
    if options.zero_at is None:
        return 0.0
    return max(0.0, 1 - float(beyond) / options.zero_at)


def _gold(text: str, example: Example) -> Decimal:
    number = number_in(text)
    if number is None:
        raise MetricError(
            f"example {example.id}: its right answer {shown(text, 40)} is not a number. Correct the row, "
            "or use a metric for texts."
        )
    return number


def _short(number: Decimal) -> str:
    text = f"{number:f}"
    return text if len(text) <= 30 else f"{number:.6g}"
