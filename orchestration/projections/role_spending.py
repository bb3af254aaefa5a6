"""Cost of a group of requests, such as those of one role."""

from dataclasses import dataclass

from ...agents.models.tariff import Cost


@dataclass(slots=True)
class RoleSpending:
    """Cost of the requests of one role."""

    requests: int = 0
    """Requests sent, including retries, failures and probes of the backend."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Prompt tokens that the backend found in its prefix cache, if it tells."""
    completion_tokens: int = 0
    lost_tokens: int = 0
    """Worst case of the requests that got no reply and may have been billed all the same."""
    units: int = 0
    """Money, in the parts of `agents.models.tariff.UNITS`."""

    @property
    def money(self) -> float:
        """Money in units of the currency."""
        return Cost(units=self.units).money

    @property
    def tokens(self) -> int:
        """All tokens that count towards the budget."""
        return self.prompt_tokens + self.completion_tokens + self.lost_tokens
