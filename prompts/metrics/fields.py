"""Comparison of one field of a JSON value with its right value, by the field's own kind."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..reading.wording import same_words
from .dates import date_in
from .json_values import as_text, key_of
from .numbers import number_in, within
from .sets import set_f1
from .squad import token_f1
from .words import squad_tokens

By = Literal["exact", "number", "text", "token_f1", "date", "list", "ignore"]


class FieldRule(BaseModel):
    """How one field is compared: a kind alone, such as "date", or a table with a tolerance or a weight."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: By | None = None
    """Kind of comparison; by default, that of the right value's own type."""
    tolerance: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Difference that counts as right: of numbers in their unit, of dates in days."""
    relative: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    """Difference of numbers that counts as right, as a share of the right one."""
    weight: float = Field(default=1.0, gt=0, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _from_short_form(cls, value: Any) -> Any:
        return {"by": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _tolerance_where_used(self) -> "FieldRule":
        if self.tolerance and self.by in ("exact", "text", "token_f1", "list", "ignore"):
            raise ValueError(f'a tolerance belongs to by = "number" or "date", not to "{self.by}"')
        if self.relative and self.by not in (None, "number"):
            raise ValueError(f'relative belongs to by = "number", not to "{self.by}"')
        return self


USUAL = FieldRule()


def compare_field(got: Any, wanted: Any, rule: FieldRule) -> float:
    """Return the value of one field in [0, 1]. A missing field is None, as is null."""
    if got is None or wanted is None:
        return float(got is wanted)
    if type(got) is type(wanted) and isinstance(got, str | int | float) and got == wanted:
        return 1.0
    by = rule.by or _usual(wanted)
    if by == "number":
        return _numbers(got, wanted, rule)
    if by == "date":
        return _dates(got, wanted, rule)
    if by == "list":
        return set_f1(_keys(got), _keys(wanted))
    if by == "token_f1":
        return token_f1(squad_tokens(as_text(got)), squad_tokens(as_text(wanted)))[0]
    if by == "text":
        return float(same_words(as_text(got), as_text(wanted)))
    return float(same_json(got, wanted))


def same_json(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal; true is not 1, but 1 is 1.0."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _usual(wanted: Any) -> By:
    if isinstance(wanted, str):
        return "text"
    if isinstance(wanted, list):
        return "list"
    return "number" if isinstance(wanted, int | float) and not isinstance(wanted, bool) else "exact"


def _numbers(got: Any, wanted: Any, rule: FieldRule) -> float:
    one, other = number_in(got), number_in(wanted)
    if one is None or other is None:
        return float(same_json(got, wanted))
    return float(within(one, other, rule.tolerance, rule.relative) <= 0)


def _dates(got: Any, wanted: Any, rule: FieldRule) -> float:
    one, other = date_in(as_text(got)), date_in(as_text(wanted))
    if one is None or other is None:
        return float(same_words(as_text(got), as_text(wanted)))
    return float(abs((one - other).days) <= rule.tolerance)


def _keys(value: Any) -> set[str]:
    return {key_of(item) for item in (value if isinstance(value, list) else [value])}
