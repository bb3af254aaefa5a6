"""The cost of requests to a model: tokens, money and calls."""

from dataclasses import dataclass

from .base import Counting, Model, ModelReply, ModelRequest, TokenCount
from .price import Price
from .token_bounds import default_count

UNITS = 10**15
"""Money is counted in these parts of the currency, as integers: sums are exact in any order."""
BILLIONTH = UNITS // 10**9
"""One billionth of the currency: the unit of money in `run.forked` messages."""
_UNITS_PER_TOKEN = UNITS // 10**6
"""Of a price per million tokens. Prices are exact to nine decimals."""


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost, or a sum of costs; `units` is money in parts of `UNITS`."""

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
        return self.bounds(request)[0]

    def bounds(self, request: ModelRequest) -> tuple[Cost, Cost]:
        """Return the most that one attempt of `request` can cost, with a reply and without one.

        A model that counts exactly runs on this machine: it bills nothing for what it did not answer.
        """
        count = self.count(request)
        most = self._cost(count.prompt, count.completion)
        return most, Cost(calls=1) if count.exact else most

    def exact(self, reply: ModelReply) -> Cost:
        """Return the cost of the request that got this reply."""
        return self._cost(reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens)

    def used(self, prompt: int, completion: int, cached: int = 0) -> Cost:
        """Return the cost of one request with so many tokens."""
        return self._cost(prompt, completion, cached)

    def _cost(self, prompt: int, completion: int, cached: int = 0) -> Cost:
        return Cost(prompt + completion, self._units(prompt, completion, cached), 1)

    def _units(self, prompt: int, completion: int, cached: int) -> int:
        price = self._price
        if price is None:
            return 0
        cached = min(cached, prompt)
        known = price.input if price.cached is None else price.cached
        return (
            (prompt - cached) * _per_token(price.input)
            + cached * _per_token(known)
            + completion * _per_token(price.output)
        )


def _per_token(price: float) -> int:
    return round(price * _UNITS_PER_TOKEN)
