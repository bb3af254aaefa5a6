"""The account of a run: its limits, and the amounts that are spent, reserved and held back."""

from collections.abc import Mapping
from math import floor

from ...agents.models.tariff import UNITS, Cost, Tariff
from ..config.budget_settings import BudgetSettings, Limit


class Ledger:
    """One account for all roles.

    The highest possible cost of a request is reserved before it is sent, and replaced by its real cost
    afterwards. So `spent` never exceeds a limit, however many requests are under way.
    """

    def __init__(self, budget: BudgetSettings, tariffs: Mapping[str, Tariff]) -> None:
        self.budget = budget
        self.spent = Cost()
        self.reserved = Cost()
        self.held_back = Cost()
        """The amount kept for the final comparison; only its calls may use it up."""
        self.seconds_held_back = 0.0
        self.kept: Mapping[Limit, float] = {}
        """The amount of each limit that is kept for the searches of later targets."""
        self._tariffs = tariffs

    @property
    def limited(self) -> bool:
        """True if any limit is set."""
        return bool(self.budget.limits)

    @property
    def limits(self) -> dict[Limit, float]:
        """How much of each limit that is set may be used up now, reserves included."""
        return {limit: whole - self.kept.get(limit, 0.0) for limit, whole in self.budget.limits.items()}

    def tariff(self, role: str) -> Tariff:
        """Return the tariff of a role's calls; a role without one pays no money."""
        return self._tariffs.get(role) or Tariff()

    def lacking(self, cost: Cost, elapsed: float, max_seconds: float) -> Limit | None:
        """Return the limit that another `cost` might break; None if it fits.

        The request would begin after `elapsed` seconds and take up to `max_seconds` more. While calls are
        under way the result may change, because they may cost less than was reserved for them.
        """
        total = self.spent + self.reserved + self.held_back + cost
        for limit, most in self.limits.items():
            if limit == "seconds":
                if elapsed + max_seconds + self.seconds_held_back > most:
                    return limit
            elif _exceeds(total, limit, most):
                return limit
        return None

    def reserve(self, cost: Cost) -> None:
        """Reserve `cost` for a request that is about to be sent."""
        self.reserved += cost

    def settle(self, reserved: Cost, spent: Cost) -> None:
        """Replace the reserved cost of a request by its real one."""
        self.reserved -= reserved
        self.spent += spent


def _exceeds(cost: Cost, limit: Limit, most: float) -> bool:
    if limit == "money":
        return cost.units > floor(round(most * UNITS, 3))
    return cost.of(limit) > most
