"""The table [budget] of a configuration, and changes to it such as "+50%"."""

from functools import cached_property
from math import ceil
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Limit = Literal["tokens", "money", "calls", "seconds"]
LIMITS: tuple[Limit, ...] = get_args(Limit)


def _finite(value: float) -> float:
    if value == float("inf"):
        raise ValueError("leave it out to set no limit")
    return value


_Positive = Annotated[float, Field(gt=0), AfterValidator(_finite)]


class BudgetSettings(BaseModel):
    """The table [budget]: limits on the cost of a run over all roles and resumptions; none by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: int | None = Field(default=None, ge=1)
    """Tokens of prompts and replies together."""
    money: _Positive | None = None
    """Cost in the currency of the prices in [models.NAME.price]."""
    calls: int | None = Field(default=None, ge=1)
    """Requests sent, including those that failed and were retried."""
    seconds: _Positive | None = None
    """Wall time of the run, without the time in which it was stopped."""

    @cached_property
    def limits(self) -> dict[Limit, float]:
        """The limits that are set."""
        values = {name: getattr(self, name) for name in LIMITS}
        return {name: value for name, value in values.items() if value is not None}


def parse_changes(budget: BudgetSettings, text: str) -> dict[str, Any]:
    """Return the limits in `text`: "tokens=200000,money=2.5", or "+50%" to raise all that are set.

    The values still have to be validated. Raises ValueError if `text` cannot be read.
    """
    limits: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, amount = part.partition("=")
        if not equals:
            name, amount = "", part
        names = [name.strip()] if name else list(budget.limits)
        if not names:
            raise ValueError(f"{part}: the run has no budget to raise; set one, such as tokens=200000")
        for limit in names:
            limits[limit] = _amount(limit, amount.strip(), getattr(budget, limit, None))
    return limits


def _amount(limit: str, text: str, now: float | None) -> float:
    if limit not in LIMITS:
        raise ValueError(f"there is no limit {limit!r}; known limits are {', '.join(LIMITS)}")
    try:
        if not text.startswith("+"):
            return float(text.replace("_", ""))
        if now is None:
            raise ValueError(f"the run has no budget of {limit} to raise by {text}")
        share = text[1:].removesuffix("%")
        more = now * float(share) / 100 if text.endswith("%") else float(share)
    except ValueError as error:
        if "could not convert" not in str(error):
            raise
        raise ValueError(f"{text!r} is not an amount; write tokens=200000, money=2.5 or +50%") from None
    return ceil(now + more) if limit in ("tokens", "calls") else now + more
