"""What `cost` prints: what a run cost, by role and by stage, and where its time went."""

from ..console.formatting import number
from ..projections.cost_breakdown import RoleCost, by_role, by_stage, time_shares
from ..projections.history import RunHistory
from .documents import print_document
from .tables import print_table

_ROLES = ("role", "calls", "reused", "failures", "tokens in", "tokens out", "money", "busy s", "mean s")


def _cached(cost: RoleCost) -> str:
    """Empty where the server does not tell, which looks like a cache that is never hit."""
    return f" ({cost.cached_tokens / cost.prompt_tokens:.0%} cached)" if cost.cached_tokens else ""


def print_cost(account: RunHistory, *, as_json: bool) -> None:
    """Three tables."""
    costs, stages, shares = by_role(account), by_stage(account), time_shares(account)
    seconds = account.state.elapsed
    if as_json:
        told = {"run": account.run, "seconds": seconds, "roles": costs, "stages": stages, "time": shares}
        print_document("cost", told)
        return
    rows = [
        [
            c.role,
            f"{c.calls:,}",
            f"{c.reused:,}",
            c.failures,
            f"{c.prompt_tokens:,}{_cached(c)}",
            f"{c.completion_tokens:,}",
            number(c.money, 4),
            f"{c.busy:.1f}",
            f"{c.latency / max(1, c.calls - c.reused):.3f}",
        ]
        for c in costs
    ]
    print_table(_ROLES, rows)
    print()
    told_stages = [[s.stage, f"{s.calls:,}", f"{s.tokens:,}", f"{s.seconds:.1f}"] for s in stages]
    print_table(["stage", "calls", "tokens", "seconds"], told_stages)
    print()
    times = [
        [" and ".join(s.roles) or "none", f"{s.seconds:.1f}", f"{100 * s.seconds / max(seconds, 1e-6):.0f} %"]
        for s in shares
    ]
    print_table(["calls under way", "seconds", "share"], times)
