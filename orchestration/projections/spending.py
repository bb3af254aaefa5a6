"""What a run has cost, role by role, against the budget that it was given."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .reply_sums import ReplySum

UNITS = ("calls", "tokens", "money", "seconds")


@dataclass(slots=True)
class RoleSpending:
    """What one role's calls have cost that were answered."""

    sent: int = 0
    """Requests, repeated ones included."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of those, what the backend had in its prefix cache, as far as it tells."""
    completion_tokens: int = 0
    money: float = 0.0


class Spending:
    """Sums the cost of every role, and keeps the limits and prices that the configuration names.

    Money is in the currency of the prices, and zero where there are none. A reused reply costs nothing.
    """

    def __init__(self) -> None:
        self.roles: dict[str, RoleSpending] = {}
        self.limits: dict[str, float] = {}
        self.ended: str | None = None
        """The limit at which the search has ended."""
        self.slots = 0
        """Calls that all models together take at once; 0 where it is not known."""
        self._prices: dict[str, Mapping[str, Any]] = {}

    def configure(self, config: Mapping[str, Any]) -> None:
        """Take limits, prices and slots from a run's configuration, as far as it names them."""
        self.limit(config.get("budget") or {})
        models = {role: model for role, model in (config.get("models") or {}).items() if model}
        self._prices = {role: model.get("price") or {} for role, model in models.items()}
        # Roles with the same settings share one model.
        distinct = {repr(model): model for model in models.values()}
        self.slots = sum(map(_slots, distinct.values()))

    def limit(self, budget: Mapping[str, Any]) -> None:
        """The limits that hold from now on; those that are not named stay."""
        self.limits |= {name: float(budget[name]) for name in UNITS if budget.get(name) is not None}

    def answer(self, role: str, data: Mapping[str, Any]) -> None:
        """A call of `role` has a reply; `data` is the payload of it, and empty where it was redacted."""
        if not data or data.get("reused"):
            return
        reply = data["reply"]
        prompt, completion = reply["prompt_tokens"], reply["completion_tokens"]
        cached = min(reply.get("cached_tokens") or 0, prompt)
        self._charge(role, prompt, cached, completion, data.get("attempts", 1))

    def add_up(self, sums: Iterable[ReplySum]) -> None:
        """Take in many replies at once."""
        for replies in sums:
            if not replies.reused:
                role = replies.sender.partition("/")[2]
                tokens = replies.prompt_tokens, replies.cached_tokens, replies.completion_tokens
                self._charge(role, *tokens, replies.attempts)

    def _charge(self, role: str, prompt: int, cached: int, completion: int, attempts: int) -> None:
        account, price = self.roles.setdefault(role, RoleSpending()), self._prices.get(role)
        account.prompt_tokens += prompt
        account.cached_tokens += cached
        account.completion_tokens += completion
        account.sent += attempts
        if price:
            known = price["input"] if price.get("cached") is None else price["cached"]
            cost = (prompt - cached) * price["input"] + cached * known + completion * price["output"]
            account.money += cost / 1e6

    @property
    def priced(self) -> bool:
        """Whether any model has a price."""
        return any(self._prices.values())

    def spent(self, seconds: float) -> dict[str, float]:
        """What is spent of each of `UNITS`, `seconds` being the time that has passed."""
        accounts = self.roles.values()
        return {
            "calls": sum(account.sent for account in accounts),
            "tokens": sum(account.prompt_tokens + account.completion_tokens for account in accounts),
            "money": sum(account.money for account in accounts),
            "seconds": seconds,
        }

    @property
    def cached(self) -> float:
        """The share of all prompts' tokens that backends had in their cache; 0 where none tells."""
        prompt = sum(account.prompt_tokens for account in self.roles.values())
        return sum(account.cached_tokens for account in self.roles.values()) / max(prompt, 1)

    def words(self, seconds: float) -> str:
        """The share of each limit that is used, such as "43 % of tokens, 12 % of money"."""
        spent = self.spent(seconds)
        return ", ".join(f"{spent[name] / limit:.0%} of {name}" for name, limit in self.limits.items())

    def as_json(self, seconds: float) -> dict[str, Any]:
        """For programs."""
        spent = {name: round(value, 9) for name, value in self.spent(seconds).items()}
        return {"limits": self.limits, "spent": spent, "ended": self.ended}

    def left(self, seconds: float) -> tuple[str, float, float] | None:
        """The limit that ends first at the present pace, the share of it that is left, and for how long.

        The time is in seconds and infinite before anything is spent; None without a limit.
        """
        spent = self.spent(seconds)
        shares = {name: min(1.0, spent[name] / limit) for name, limit in self.limits.items()}
        if not shares:
            return None
        name = max(shares, key=lambda unit: shares[unit])
        share = shares[name]
        return name, 1 - share, seconds * (1 - share) / share if share else float("inf")


def _slots(model: Mapping[str, Any]) -> int:
    local = model.get("provider") in ("smollm2", "transformers")
    return int(model.get("batch_size" if local else "concurrency") or 0)
