"""What a run may cost, and what it has cost: limits, and sums that are reserved before they are spent."""

from collections.abc import Mapping
from math import floor

from ...agents.models.tariff import UNITS, Cost, Tariff
from ..config.budget_settings import BudgetSettings, Limit


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
        return cost.units > floor(round(most * UNITS, 3))
    return cost.of(limit) > most
