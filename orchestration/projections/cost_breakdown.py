"""Cost of a run by role and by stage, and the use of its time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...agents.messages import StageFinished, StageStarted
from .call_records import CallRecord
from .history import RunHistory
from .module_costs import ModuleSpending
from .role_spending import RoleSpending
from .spending import Spending


@dataclass(frozen=True, slots=True)
class RoleCost:
    """Cost of one role's calls, probes of its backend included."""

    role: str
    calls: int
    reused: int
    """Calls that took an earlier reply, which costs nothing."""
    failures: int
    requests: int
    """Requests sent, retries included."""
    prompt_tokens: int
    cached_tokens: int
    """Prompt tokens that the backend found in its prefix cache; 0 if it does not tell."""
    completion_tokens: int
    lost_tokens: int
    """Worst case of requests that got no reply and may have been billed."""
    money: float | None
    """In the currency of the configured prices; None if no model has a price."""
    busy: float
    """Seconds in which at least one call was under way; each moment counts once."""
    latency: float
    """Seconds, summed over all calls."""
    longest: float
    cut: int = 0
    """Replies that ended at the token limit; reused ones are not counted again."""

    @property
    def tokens(self) -> int:
        """Tokens that count towards the budget."""
        return self.prompt_tokens + self.completion_tokens + self.lost_tokens


@dataclass(frozen=True, slots=True)
class ModuleCost:
    """Cost of the calls of programs that rest on the same texts, which is part of that of the roles."""

    module: str
    """Names of the texts, joined by "+"; the role asked if a call rests on none."""
    calls: int
    """Calls that have a reply."""
    reused: int
    failures: int
    requests: int
    """Requests sent, retries included."""
    prompt_tokens: int
    completion_tokens: int
    lost_tokens: int
    """Worst case of requests that got no reply and may have been billed."""
    money: float | None
    """In the currency of the configured prices; None if no model has a price."""
    seconds: float
    """From sending to reply, summed over the calls."""

    @property
    def tokens(self) -> int:
        """Tokens that count towards the budget."""
        return self.prompt_tokens + self.completion_tokens + self.lost_tokens


@dataclass(frozen=True, slots=True)
class TimeShare:
    """Running time in seconds during which exactly these roles had calls under way."""

    roles: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class StageCost:
    """Cost of a stage, or of the final comparison ("verdict"). Seconds of the run's clock."""

    stage: str
    seconds: float
    calls: int
    tokens: int
    """Tokens of the replies."""


def by_role(history: RunHistory) -> list[RoleCost]:
    """Return the cost of each role that asks a model, the most expensive first."""
    calls: dict[str, list[CallRecord]] = {}
    for call in history.calls.of_models:
        calls.setdefault(call.role, []).append(call)
    spending = history.state.spending
    costs = [
        _cost(role, calls.get(role, []), spending.roles.get(role, RoleSpending()), priced=spending.priced)
        for role in dict.fromkeys([*calls, *spending.roles])
    ]
    return sorted(costs, key=lambda cost: -cost.tokens)


def _cost(role: str, calls: list[CallRecord], spent: RoleSpending, *, priced: bool) -> RoleCost:
    return RoleCost(
        role=role,
        calls=len(calls),
        reused=sum(call.reused for call in calls),
        failures=sum(call.failures for call in calls),
        requests=spent.requests,
        prompt_tokens=spent.prompt_tokens,
        cached_tokens=spent.cached_tokens,
        completion_tokens=spent.completion_tokens,
        lost_tokens=spent.lost_tokens,
        money=spent.money if priced else None,
        busy=sum(share.seconds for share in _shares(calls) if share.roles),
        latency=sum(call.latency for call in calls),
        longest=max((call.latency for call in calls), default=0.0),
        cut=sum(call.cut for call in calls),
    )


def by_module(spending: Spending) -> list[ModuleCost]:
    """Return the cost of each module of the run's programs, the most expensive first; [] without programs.

    The calls must have been applied to `spending` one by one.
    """
    found = [_module(name, spent, spending.priced) for name, spent in spending.modules.by_name.items()]
    return sorted(found, key=lambda cost: -cost.tokens)


def _module(name: str, spent: ModuleSpending, priced: bool) -> ModuleCost:
    return ModuleCost(
        module=name,
        calls=spent.calls,
        reused=spent.reused,
        failures=spent.failures,
        requests=spent.requests,
        prompt_tokens=spent.prompt_tokens,
        completion_tokens=spent.completion_tokens,
        lost_tokens=spent.lost_tokens,
        money=spent.money if priced else None,
        seconds=spent.seconds,
    )


def time_shares(history: RunHistory) -> list[TimeShare]:
    """Return the running time by the roles that had calls under way; no roles is the time between calls."""
    shares = _shares(history.calls.of_models)
    known = sum(share.seconds for share in shares)
    idle = [TimeShare((), max(0.0, history.state.elapsed - known))]
    merged: dict[tuple[str, ...], float] = {}
    for share in [*shares, *idle]:
        merged[share.roles] = merged.get(share.roles, 0.0) + share.seconds
    return sorted((TimeShare(roles, s) for roles, s in merged.items()), key=lambda share: -share.seconds)


def _shares(calls: Iterable[CallRecord]) -> list[TimeShare]:
    """Return the time from the first call to the end of the last, by the roles with calls under way."""
    changes = sorted(_changes(calls))
    under_way: dict[str, int] = {}
    found: dict[tuple[str, ...], float] = {}
    before = changes[0][0] if changes else 0.0
    for moment, step, role in changes:
        roles = tuple(sorted(name for name, count in under_way.items() if count))
        found[roles] = found.get(roles, 0.0) + moment - before
        under_way[role] = under_way.get(role, 0) + step
        before = moment
    return [TimeShare(roles, seconds) for roles, seconds in found.items()]


def _changes(calls: Iterable[CallRecord]) -> Iterator[tuple[float, int, str]]:
    for call in calls:
        if call.ended is not None:
            yield call.began, 1, call.role
            yield call.ended, -1, call.role


def by_stage(history: RunHistory) -> list[StageCost]:
    """Return the cost of the stages in the order in which they began, then of the final comparison."""
    starts: list[tuple[float, str]] = [(m.clock, message.stage) for m, message in history.of(StageStarted)]
    closed = [m.clock for m, _ in history.of(StageFinished)]
    if closed and len(closed) == len(starts):
        starts.append((closed[-1], "verdict"))
    ends = [*(clock for clock, _ in starts[1:]), history.state.elapsed]
    last = len(starts) - 1
    return [
        _stage(history, stage, begin, end, inclusive=n == last)
        for n, ((begin, stage), end) in enumerate(zip(starts, ends, strict=False))
    ]


def _stage(history: RunHistory, stage: str, begin: float, end: float, *, inclusive: bool) -> StageCost:
    calls = [
        call
        for call in history.calls.of_models
        if begin <= call.began < end or (inclusive and call.began == end)
    ]
    return StageCost(stage, end - begin, len(calls), sum(call.tokens for call in calls))
