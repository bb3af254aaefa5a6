"""What the user's own metric function returns, as a score or in shorter forms."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

from ..errors import MetricError
from .feedback import shown
from .grade import Grade

_LONGEST_FEEDBACK = 4000
"""Number of characters of feedback that are kept."""
_MOST_PARTS = 100
_KEYS = ("value", "feedback", "parts")
_FORMS = "Return a number in [0, 1], True or False, a Score, or a dict with the keys value, feedback, parts"


@dataclass(frozen=True, slots=True)
class Score:
    """Value of one output by a metric of your own, with feedback for the agent that improves the prompt."""

    value: float
    """In [0, 1]; 1 is the best."""
    feedback: str = ""
    """What was wrong, in words."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """Values of parts of the metric, each in [0, 1]."""


def to_grade(result: object) -> Grade:
    """Return the grade that a function's result stands for. Raise `MetricError` if it stands for none."""
    if isinstance(result, Mapping):
        unknown = [str(key) for key in result if key not in _KEYS]
        if unknown or "value" not in result:
            fault = f"unknown keys {', '.join(unknown[:5])}" if unknown else 'no key "value"'
            raise MetricError(f"it returned a dict with {fault}. {_FORMS}.")
        result = Score(result["value"], result.get("feedback", ""), result.get("parts", {}))
    if isinstance(result, Score | Grade):
        return Grade(_value(result.value, ""), _feedback(result.feedback), _parts(result.parts))
    return Grade(_value(result, ""))


def _value(value: Any, part: str) -> float:
    where = f" for part {shown(part, 40)}" if part else ""
    if not isinstance(value, Real) and callable(getattr(value, "item", None)):
        value = _scalar(value, where)
    if value is None and not part:
        raise MetricError(f"it returned None, perhaps for want of a return statement. {_FORMS}.")
    if not isinstance(value, Real):
        raise MetricError(f"it returned {_described(value)}{where}, which is no number. {_FORMS}.")
    try:
        number = float(value)
    except (OverflowError, ValueError, TypeError) as error:
        raise MetricError(f"it returned a number{where} that is no float: {error}. {_FORMS}.") from error
    if not math.isfinite(number):
        raise MetricError(
            f"it returned {number}{where}, which is no value. Return 0 for an output that is worth nothing."
        )
    if not 0 <= number <= 1:
        raise MetricError(
            f"it returned {number:g}{where}, outside [0, 1]. Scale it: divide by the highest possible value."
        )
    return number


def _scalar(value: Any, where: str) -> Any:
    """Return the Python number in a scalar of numpy or torch."""
    try:
        return value.item()
    except (ValueError, RuntimeError, TypeError) as error:
        raise MetricError(f"it returned {_described(value)}{where}, which is no number. {_FORMS}.") from error


def _feedback(feedback: object) -> str:
    if feedback is None:
        return ""
    if not isinstance(feedback, str):
        raise MetricError(f"its feedback is {_described(feedback)}. Return feedback as a str.")
    cut = len(feedback) > _LONGEST_FEEDBACK
    # Lone surrogates cannot be stored.
    text = feedback[:_LONGEST_FEEDBACK].encode("utf-8", "replace").decode("utf-8")
    return f"{text}..." if cut else text


def _parts(parts: object) -> dict[str, float]:
    if parts is None:
        return {}
    if not isinstance(parts, Mapping) or not all(isinstance(name, str) for name in parts):
        raise MetricError(f"its parts are {_described(parts)}. Return parts as a dict of names and numbers.")
    if len(parts) > _MOST_PARTS:
        raise MetricError(f"it returned {len(parts)} parts. Return at most {_MOST_PARTS}.")
    return {name: _value(value, name) for name, value in parts.items()}


def _described(value: object) -> str:
    kind = type(value).__name__
    if kind == "coroutine":
        return "a coroutine; await it"
    return f"{shown(value, 40)}, a str" if isinstance(value, str) else f"a value of type {kind}"
