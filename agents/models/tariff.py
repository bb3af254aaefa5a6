"""The cost of requests to a model: tokens, money and calls."""

from dataclasses import dataclass
from math import ceil

from .base import Counting, Model, ModelReply, ModelRequest, TokenCount
from .price import Price
from .token_bounds import default_count

UNITS = 1_000_000_000
"""Units of money in one whole of the currency. Each cost is rounded up to a whole unit, so that sums are
exact."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost, or a sum of costs. `units` is money in billionths of the currency."""

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
        """Money in the budget's currency."""
        return self.units / UNITS

    def of(self, limit: str) -> float:
        """Return the part that counts towards `limit` ("tokens", "money" or "calls"), or 0 for others."""
        return self.money if limit == "money" else getattr(self, limit, 0)


class Tariff:
    """The cost of requests to one model: an upper bound before the request, exact after the reply."""

    def __init__(self, price: Price | None = None, model: Model | None = None) -> None:
        self._price = price
        self._model = model if isinstance(model, Counting) else None

    def count(self, request: ModelRequest) -> TokenCount:
        """Return the model's own bound on the tokens of one attempt, or else a bound by bytes."""
        count = self._model.count(request) if self._model else None
        return count or default_count(request)

    def most(self, request: ModelRequest) -> Cost:
        """Return the most that one attempt of `request` can cost."""
        count = self.count(request)
        return self._cost(count.prompt, count.completion)

    def exact(self, reply: ModelReply) -> Cost:
        """Return the cost of the request that got this reply."""
        return self._cost(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens)

    def used(self, prompt: int, completion: int) -> Cost:
        """Return the cost of one request with these numbers of prompt and completion tokens."""
        return self._cost(prompt, completion)

    def _cost(self, prompt: int, completion: int, cached: int = 0) -> Cost:
        return Cost(prompt + completion, self._units(prompt, completion, cached), 1)

    def _units(self, prompt: int, completion: int, cached: int) -> int:
        price = self._price
        if price is None:
            return 0
        cached_price = price.input if price.cached is None else price.cached
        cached = min(cached, prompt)
        millionths = (prompt - cached) * price.input + cached * cached_price + completion * price.output
        return ceil(round(millionths * UNITS / 1_000_000, 6))
