"""What a run cost, by role, and where its time went."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...agents.messages import StageFinished, StageStarted
from .call_records import CallRecord
from .history import RunHistory


@dataclass(frozen=True, slots=True)
class RoleCost:
    """What one role's calls came to. `busy` counts each moment once, `latency` each call."""

    role: str
    calls: int
    reused: int
    """Calls that took an earlier reply: they cost nothing."""
    failures: int
    prompt_tokens: int
    cached_tokens: int
    """Of the prompts' tokens, those that the backend had in its prefix cache; 0 where it does not tell."""
    completion_tokens: int
    money: float | None
    """In the currency of the configured prices; None where no model has one."""
    busy: float
    """Seconds in which at least one call was under way."""
    latency: float
    """Seconds, over all calls."""
    longest: float

    @property
    def tokens(self) -> int:
        """Of requests and replies together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True)
class Share:
    """A part of the run's time, in seconds, in which exactly these roles had calls under way."""

    roles: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class StageCost:
    """A stage, and the final comparison as a stage of its own ("verdict"). Seconds of the run's clock."""

    stage: str
    seconds: float
    calls: int
    tokens: int


def by_role(account: RunHistory) -> list[RoleCost]:
    """The cost of each role that asks a model, the greatest first."""
    roles: dict[str, list[CallRecord]] = {}
    for call in account.calls.by_id.values():
        roles.setdefault(call.role, []).append(call)
    spending = account.view.spending
    money = {role: spent.money if spending.priced else None for role, spent in spending.roles.items()}
    costs = (_cost(role, calls, money.get(role)) for role, calls in roles.items())
    return sorted(costs, key=lambda cost: -cost.tokens)


def _cost(role: str, calls: list[CallRecord], money: float | None) -> RoleCost:
    return RoleCost(
        role=role,
        calls=len(calls),
        reused=sum(call.reused for call in calls),
        failures=sum(call.failures for call in calls),
        prompt_tokens=sum(call.prompt_tokens for call in calls),
        cached_tokens=sum(call.cached_tokens for call in calls),
        completion_tokens=sum(call.completion_tokens for call in calls),
        money=money,
        busy=sum(share.seconds for share in _shares(calls) if share.roles),
        latency=sum(call.latency for call in calls),
        longest=max(call.latency for call in calls),
    )


def time_shares(account: RunHistory) -> list[Share]:
    """The run's time, parted by whose calls were under way; no roles is the time between all calls."""
    shares = _shares(account.calls.by_id.values())
    told = sum(share.seconds for share in shares)
    idle = [Share((), max(0.0, account.view.elapsed - told))]
    merged: dict[tuple[str, ...], float] = {}
    for share in [*shares, *idle]:
        merged[share.roles] = merged.get(share.roles, 0.0) + share.seconds
    return sorted((Share(roles, s) for roles, s in merged.items()), key=lambda share: -share.seconds)


def _shares(calls: Iterable[CallRecord]) -> list[Share]:
    """The time from the first call to the end of the last, parted by the roles that had calls under way."""
    changes = sorted(_changes(calls))
    under_way: dict[str, int] = {}
    found: dict[tuple[str, ...], float] = {}
    before = changes[0][0] if changes else 0.0
    for moment, step, role in changes:
        roles = tuple(sorted(name for name, count in under_way.items() if count))
        found[roles] = found.get(roles, 0.0) + moment - before
        under_way[role] = under_way.get(role, 0) + step
        before = moment
    return [Share(roles, seconds) for roles, seconds in found.items()]


def _changes(calls: Iterable[CallRecord]) -> Iterator[tuple[float, int, str]]:
    for call in calls:
        if call.ended is not None:
            yield call.began, 1, call.role
            yield call.ended, -1, call.role


def by_stage(account: RunHistory) -> list[StageCost]:
    """The stages in the order in which they began, then the verdict."""
    starts: list[tuple[float, str]] = [
        (said.clock, message.stage) for said, message in account.of(StageStarted)
    ]
    closed = [said.clock for said, _ in account.of(StageFinished)]
    if closed and len(closed) == len(starts):
        starts.append((closed[-1], "verdict"))
    ends = [*(clock for clock, _ in starts[1:]), account.view.elapsed]
    return [_stage(account, stage, begin, end) for (begin, stage), end in zip(starts, ends, strict=False)]


def _stage(account: RunHistory, stage: str, begin: float, end: float) -> StageCost:
    calls = [call for call in account.calls.by_id.values() if begin <= call.began < end]
    return StageCost(stage, end - begin, len(calls), sum(call.tokens for call in calls))
