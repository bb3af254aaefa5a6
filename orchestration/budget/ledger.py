"""What a run may cost, and what it has cost: limits, and sums that are reserved before they are spent."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, floor
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ...agents.models.base import Counting, Model, ModelReply, ModelRequest, TokenCount
from ...agents.models.price import Price
from ...agents.models.token_bounds import default_count

Limit = Literal["tokens", "money", "calls", "seconds"]
LIMITS: tuple[Limit, ...] = get_args(Limit)
_UNITS = 1_000_000_000
"""Money is counted in these parts of a whole, each cost rounded up: no sum of floats can hide a little."""


def _finite(value: float) -> float:
    if value == float("inf"):
        raise ValueError("leave it out for no limit")
    return value


_Positive = Annotated[float, Field(gt=0), AfterValidator(_finite)]


class BudgetSettings(BaseModel):
    """The table [budget]: what the run may cost over all roles and all its lives; no limit by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tokens: int | None = Field(default=None, ge=1)
    """Of prompts and replies together."""
    money: _Positive | None = None
    """In the currency of the prices in [models.NAME.price]."""
    calls: int | None = Field(default=None, ge=1)
    """Requests sent, those that failed and were tried again included."""
    seconds: _Positive | None = None
    """Wall time of the run, without the time in which it was stopped."""

    @property
    def limits(self) -> dict[Limit, float]:
        """The limits that are set."""
        values = {name: getattr(self, name) for name in LIMITS}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost, or a sum of costs; `units` is money in billionths."""

    tokens: int = 0
    units: int = 0
    calls: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.tokens + other.tokens, self.units + other.units, self.calls + other.calls)

    def __sub__(self, other: "Cost") -> "Cost":
        return Cost(self.tokens - other.tokens, self.units - other.units, self.calls - other.calls)

    def __mul__(self, times: int) -> "Cost":
        return Cost(self.tokens * times, self.units * times, self.calls * times)

    @property
    def money(self) -> float:
        """In whole units of the currency."""
        return self.units / _UNITS

    def of(self, limit: Limit) -> float:
        """The part that counts towards `limit`; it holds no seconds."""
        return self.money if limit == "money" else getattr(self, limit, 0)


class Tariff:
    """What requests to one model cost: at most before they are sent, exactly once there is a reply."""

    def __init__(self, price: Price | None = None, model: Model | None = None) -> None:
        self._price = price
        self._model = model if isinstance(model, Counting) else None

    def count(self, request: ModelRequest) -> TokenCount:
        """The most tokens of one attempt: what the model says, and otherwise what bytes say."""
        told = self._model.count(request) if self._model else None
        return told or default_count(request)

    def most(self, request: ModelRequest) -> Cost:
        """The most that sending `request` once can cost."""
        count = self.count(request)
        return self._cost(count.prompt, count.completion)

    def exact(self, reply: ModelReply) -> Cost:
        """What the request has cost that got this reply."""
        return self._cost(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens)

    def used(self, prompt: int, completion: int) -> Cost:
        """What one request costs with so many tokens."""
        return self._cost(prompt, completion)

    def _cost(self, prompt: int, completion: int, cached: int = 0) -> Cost:
        return Cost(prompt + completion, self._units(prompt, completion, cached), 1)

    def _units(self, prompt: int, completion: int, cached: int) -> int:
        price = self._price
        if price is None:
            return 0
        known = price.input if price.cached is None else price.cached
        known_tokens = min(cached, prompt)
        millionths = (prompt - known_tokens) * price.input + known_tokens * known + completion * price.output
        return ceil(round(millionths * _UNITS / 1_000_000, 6))


class Ledger:
    """One account for all roles: what is spent, what is reserved for calls under way, what is held back.

    Amounts are reserved before a request is sent, at the most that it can cost, and settled after it. So
    `spent` never exceeds a limit, however many requests are under way.
    """

    def __init__(self, budget: BudgetSettings, tariffs: Mapping[str, Tariff]) -> None:
        self.budget = budget
        self.spent = Cost()
        self.reserved = Cost()
        self.held_back = Cost()
        """For the final comparison; only its calls may use it up."""
        self.seconds_held_back = 0.0
        self._tariffs = tariffs

    @property
    def limited(self) -> bool:
        """Whether there is any limit."""
        return bool(self.budget.limits)

    def tariff(self, role: str) -> Tariff:
        """What calls of a role cost."""
        return self._tariffs.get(role) or Tariff()

    def lacking(self, cost: Cost, elapsed: float, longest: float) -> Limit | None:
        """The limit that another `cost`, at `elapsed` seconds and for `longest`, might break; None if none.

        With calls under way this may change: they may cost less than was reserved for them.
        """
        want = self.spent + self.reserved + self.held_back + cost
        for limit, most in self.budget.limits.items():
            if limit == "seconds":
                if elapsed + longest + self.seconds_held_back > most:
                    return limit
            elif _over(want, limit, most):
                return limit
        return None

    def reserve(self, cost: Cost) -> None:
        """Put `cost` aside for a request that is about to be sent."""
        self.reserved += cost

    def settle(self, reserved: Cost, spent: Cost) -> None:
        """Replace what was put aside for a request by what it has cost."""
        self.reserved -= reserved
        self.spent += spent


def _over(cost: Cost, limit: Limit, most: float) -> bool:
    if limit == "money":
        return cost.units > floor(round(most * _UNITS, 3))
    return cost.of(limit) > most


def changed(budget: BudgetSettings, text: str) -> dict[str, Any]:
    """The limits that `text` gives: "tokens=200000,money=2.5", or "+50%" for more of all that are set.

    Raises ValueError, saying what does not do. The values still have to be validated.
    """
    found: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        name, equals, amount = part.partition("=")
        if not equals:
            name, amount = "", part
        names = [name.strip()] if name else list(budget.limits)
        if not names:
            raise ValueError(f"{part}: the run has no budget that could grow; give one, as tokens=200000")
        for limit in names:
            found[limit] = _amount(limit, amount.strip(), getattr(budget, limit, None))
    return found


def _amount(limit: str, text: str, now: float | None) -> float:
    if limit not in LIMITS:
        raise ValueError(f"there is no limit {limit!r}; known are {', '.join(LIMITS)}")
    try:
        if not text.startswith("+"):
            return float(text.replace("_", ""))
        if now is None:
            raise ValueError(f"there is no budget of {limit} that could grow by {text}")
        share = text[1:].removesuffix("%")
        more = now * float(share) / 100 if text.endswith("%") else float(share)
    except ValueError as error:
        if "could not convert" not in str(error):
            raise
        raise ValueError(f"{text!r} is no amount; write tokens=200000, money=2.5 or +50%") from None
    return ceil(now + more) if limit in ("tokens", "calls") else now + more
