"""Ratios of what a run cost, such as the mean latency of a role's calls."""

from .cost_breakdown import RoleCost, TimeShare

_SHORTEST = 1e-6
"""Seconds: keeps the share of an empty run defined."""


def mean_latency(cost: RoleCost) -> float:
    """Return the mean latency in seconds of the calls that were sent; 0 if all replies were reused."""
    return cost.latency / max(1, cost.calls - cost.reused)


def cached_share(cost: RoleCost) -> float | None:
    """Return the share of prompt tokens found in the backend's prefix cache, in [0, 1].

    None if the backend reports none: most backends do not say whether they have a cache.
    """
    return cost.cached_tokens / cost.prompt_tokens if cost.cached_tokens else None


def share_of_time(share: TimeShare, seconds: float) -> float:
    """Return the part of a run of `seconds` that `share` takes, in [0, 1]."""
    return share.seconds / max(seconds, _SHORTEST)
