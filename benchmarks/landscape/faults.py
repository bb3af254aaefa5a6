"""Faults that a server is configured to have, each at its own rate."""

from collections import Counter
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from .words import chance

Fault = Literal["server_error", "rate_limit", "unauthorised", "empty", "truncated"]


class Faults(BaseModel):
    """TimeShare of the requests, in [0, 1], that meets each fault. A request meets at most one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    server_error: float = Field(default=0.0, ge=0, le=1)
    """Status 500."""
    rate_limit: float = Field(default=0.0, ge=0, le=1)
    """Status 429 with a Retry-After of one second."""
    unauthorised: float = Field(default=0.0, ge=0, le=1)
    """Status 401."""
    empty: float = Field(default=0.0, ge=0, le=1)
    """Status 200 and no body."""
    truncated: float = Field(default=0.0, ge=0, le=1)
    """Status 200 and half of a body."""


class FaultSource:
    """Draws a fault for each request from its text and its number of repetitions, so a retry draws again."""

    def __init__(self, faults: Faults, seed: int) -> None:
        self._shares: dict[Fault, float] = {fault: getattr(faults, fault) for fault in get_args(Fault)}
        self._seed = seed
        self._seen: Counter[str] = Counter()

    def next(self, request: str) -> Fault | None:
        """Return the fault that this request meets, if any."""
        self._seen[request] += 1
        drawn = chance(self._seed, "fault", request, self._seen[request])
        for fault, share in self._shares.items():
            if drawn < share:
                return fault
            drawn -= share
        return None
