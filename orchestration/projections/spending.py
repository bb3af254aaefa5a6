"""Cost of a run, role by role. The budget and every view take their sums from here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...agents.call_events import PROGRAMS
from ...agents.messages import (
    BackendProbed,
    BudgetExhausted,
    CallAttempted,
    CallFailed,
    Message,
    RunForked,
    RunResumed,
    RunStarted,
)
from ...agents.models.base import ModelRequest
from ...agents.models.price import Price
from ...agents.models.probe import PROBE
from ...agents.models.tariff import BILLIONTH, Cost, Tariff
from ...storage.event import Event
from .executions import EXECUTOR
from .model_slots import ModelSlots
from .module_costs import ModuleCosts
from .open_requests import FindRequests, OpenRequests
from .reply_sums import ReplySum
from .role_spending import RoleSpending
from .worst_case import worst_case

LIMITS = ("calls", "tokens", "money", "seconds")
"""What a budget may limit, in the order in which it is shown."""

_UNKNOWN_PROBE = CallAttempted(model="", probe=True, attempts=0, unsettled=0, cause="crash", error="")


class Spending:
    """Sums what the log says was spent, with the limits and prices of the configuration.

    A reply is charged for its tokens. A request without a reply is charged for the most it can have cost if
    it may have been billed, and so are the requests that were under way when a run was cut off. A reused
    reply costs nothing. `find_requests` returns the `call.requested` events with given ids; it is needed
    only if these events are not applied.
    """

    def __init__(self, find_requests: FindRequests | None = None) -> None:
        self.roles: dict[str, RoleSpending] = {}
        self.modules = ModuleCosts()
        """What of it the calls of programs have cost; empty if these were not applied one by one."""
        self.carried = Cost()
        """Cost of the run that this one prolongs, if any."""
        self.carried_seconds = 0.0
        self.limits: dict[str, float] = {}
        self.ended: str | None = None
        """The limit at which the search has ended."""
        self.slots = ModelSlots({})
        self._models: Mapping[str, Mapping[str, Any]] = {}
        self._tariffs: dict[str, Tariff] = {}
        self._open = OpenRequests(find_requests)
        self._forked = False

    def apply(self, event: Event, message: Message | None) -> None:
        """Take in an event. `message` is None for `call.requested` and for redacted payloads."""
        match message:
            case None:
                if event.kind == "call.requested":
                    self._open.request(event)
                    self.modules.request(event)
            case RunStarted():
                self._configure(message.config)
            case CallAttempted():
                self._open.attempt(event.cause or "", message)
            case CallFailed():
                self._fail(event, message)
            case BackendProbed():
                self._probe(message)
            case BudgetExhausted(stage=None):
                self.ended = message.limit
            case RunForked():
                self._fork(message)
            case RunResumed():
                self._resume(message)

    def apply_reply(self, event: Event, data: Mapping[str, Any]) -> None:
        """Take in a `call.finished` event; `data` is its payload, empty if it was redacted."""
        call, role = event.cause or "", event.sender.partition("/")[2]
        self.modules.reply(call, data)
        if data and not data.get("reused"):
            reply = data["reply"]
            prompt = reply["prompt_tokens"]
            cached = min(reply.get("cached_tokens") or 0, prompt)
            self._charge(role, call, prompt, cached, reply["completion_tokens"], data.get("attempts", 1))
            if unsettled := data.get("unsettled", 0):
                self._lose(call, unsettled)
        self._open.finish(call)
        self.modules.close(call)

    def apply_sums(self, sums: Iterable[ReplySum], unsettled: Mapping[str, int]) -> None:
        """Take in many replies at a time; `unsettled` maps their calls to the attempts that got no reply."""
        for replies in sums:
            if not replies.reused and replies.sender != EXECUTOR:
                role = replies.sender.partition("/")[2]
                tokens = replies.prompt_tokens, replies.cached_tokens, replies.completion_tokens
                self._charge(role, "", *tokens, replies.attempts)
        for call, times in unsettled.items():
            self._lose(call, times)

    def lose_open(self) -> None:
        """Charge the worst case of all calls that have no outcome, because the run was cut off."""
        self._lose_under_way(self._open.calls)

    @property
    def total(self) -> Cost:
        """Everything spent, by all roles and by the run that this one prolongs."""
        roles = self.roles.values()
        return self.carried + Cost(
            tokens=sum(role.tokens for role in roles),
            units=sum(role.units for role in roles),
            calls=sum(role.requests for role in roles),
        )

    @property
    def prompt_tokens(self) -> int:
        """Prompt tokens of all paid replies."""
        return sum(role.prompt_tokens for role in self.roles.values())

    @property
    def completion_tokens(self) -> int:
        """Completion tokens of all paid replies."""
        return sum(role.completion_tokens for role in self.roles.values())

    @property
    def lost_tokens(self) -> int:
        """Worst case of all requests that got no reply."""
        return sum(role.lost_tokens for role in self.roles.values())

    @property
    def cached(self) -> float:
        """TimeShare of all prompt tokens that backends found in their cache; 0 if none tells."""
        return sum(role.cached_tokens for role in self.roles.values()) / max(self.prompt_tokens, 1)

    @property
    def priced(self) -> bool:
        """True if any model has a price."""
        return any(model.get("price") for model in self._models.values())

    @property
    def asks_people(self) -> bool:
        """True if any model is a person."""
        return any(model.get("provider") == "human" for model in self._models.values())

    def spent(self, seconds: float) -> dict[str, float]:
        """Return what is spent of each of `LIMITS` after `seconds` of running time."""
        total = self.total
        return {
            "calls": total.calls,
            "tokens": total.tokens,
            "money": total.money,
            "seconds": seconds + self.carried_seconds,
        }

    def price(self, role: str, prompt: float, completion: float) -> float | None:
        """Return the money for so many tokens of a role's model without a cache; None if it has no price."""
        if not self._models.get(role, {}).get("price"):
            return None
        return self._tariff(role).used(round(1_000 * prompt), round(1_000 * completion)).money / 1_000

    def shares(self, seconds: float) -> dict[str, float]:
        """Return the share of each limit that is spent after `seconds` of running time."""
        spent = self.spent(seconds)
        return {name: spent[name] / limit for name, limit in self.limits.items()}

    def as_json(self, seconds: float) -> dict[str, Any]:
        """Return limits and spending as JSON values."""
        spent = {name: round(value, 9) for name, value in self.spent(seconds).items()}
        return {"limits": self.limits, "spent": spent, "ended": self.ended}

    def left(self, seconds: float) -> tuple[str, float, float] | None:
        """Return the limit that ends first at the present pace, the share left of it, and the seconds left.

        The seconds are infinite before anything is spent. None without a limit.
        """
        shares = {name: min(1.0, share) for name, share in self.shares(seconds).items()}
        if not shares:
            return None
        name = max(shares, key=lambda unit: shares[unit])
        share = shares[name]
        passed = seconds + self.carried_seconds
        return name, 1 - share, passed * (1 - share) / share if share else float("inf")

    def words(self, seconds: float) -> str:
        """Return the share of each limit that is used, such as "43% of tokens, 12% of money"."""
        return ", ".join(f"{share:.0%} of {name}" for name, share in self.shares(seconds).items())

    def _configure(self, config: Mapping[str, Any]) -> None:
        self._limit(config.get("budget") or {})
        self._models = {role: model for role, model in (config.get("models") or {}).items() if model}
        self.slots = ModelSlots(self._models)

    def _limit(self, budget: Mapping[str, Any]) -> None:
        self.limits = {name: float(budget[name]) for name in LIMITS if budget.get(name) is not None}

    def _fail(self, event: Event, message: CallFailed) -> None:
        call, role = event.cause or "", event.sender.partition("/")[2]
        self.modules.failure(call)
        for spending in self._bearers(role, call):
            spending.requests += message.attempts
        if message.unsettled:
            self._lose(call, message.unsettled)
        self._open.fail(call, final=message.final)
        if message.final:
            self.modules.close(call)

    def _probe(self, message: BackendProbed) -> None:
        role = message.model
        self._open.probes.pop(role, None)
        self._charge(role, "", message.prompt_tokens, 0, message.completion_tokens, message.attempts)
        self._add_lost(role, self._most(role, PROBE) * message.unsettled)

    def _fork(self, message: RunForked) -> None:
        self._forked = True
        if message.carried is not None:
            carried = message.carried
            units = int(carried["units"]) * BILLIONTH
            self.carried += Cost(int(carried["tokens"]), units, int(carried["calls"]))
            self.carried_seconds += carried["seconds"]

    def _resume(self, message: RunResumed) -> None:
        # A fork has copied its calls: those that were open at that moment were never sent by this run.
        if not self._forked:
            self._lose_under_way(message.reissued)
        self._open.resume()
        self._forked = False
        if message.budget is not None:
            self._limit(message.budget)

    def _lose_under_way(self, calls: Sequence[str]) -> None:
        """Charge the worst case of what was under way when the run was cut off."""
        by_role: dict[str, list[Cost]] = {}
        probes = dict(self._open.probes)
        for call in self._open.interrupted(calls):
            if call.role == PROGRAMS:
                continue  # Its own calls are under way, and charged.
            most = self._most(call.role, call.request)
            by_role.setdefault(call.role, []).append(most)
            if call.attempted is not None:
                self._lose_attempts(call.role, most, call.attempted)
                # The failure may have led to a probe, and the log knows only of probes that have failed.
                probes.setdefault(call.role, _UNKNOWN_PROBE)
        for role, costs in by_role.items():
            # No more than there are slots can have been sent further; the others were waiting.
            self._lose_most(role, costs, self.slots.of(role) or len(costs))
        for role, probe in probes.items():
            most = self._most(role, PROBE)
            self._lose_attempts(role, most, probe)
            self._lose_most(role, [most], 1)

    def _lose_attempts(self, role: str, most: Cost, attempted: CallAttempted) -> None:
        self._role(role).requests += attempted.attempts
        self._add_lost(role, most * attempted.unsettled)

    def _lose_most(self, role: str, costs: Sequence[Cost], number: int) -> None:
        """Charge the `number` highest of these costs, separately in tokens and in money."""
        tokens = sum(sorted(cost.tokens for cost in costs)[-number:])
        units = sum(sorted(cost.units for cost in costs)[-number:])
        self._add_lost(role, Cost(tokens, units))
        self._role(role).requests += min(number, len(costs))

    def _lose(self, call: str, times: int) -> None:
        if found := self._open.find(call):
            role, request = found
            self._add_lost(role, self._most(role, request) * times, call)

    def _add_lost(self, role: str, cost: Cost, call: str = "") -> None:
        for spending in self._bearers(role, call):
            spending.lost_tokens += cost.tokens
            spending.units += cost.units

    def _charge(self, role: str, call: str, prompt: int, cached: int, completion: int, attempts: int) -> None:
        units = self._tariff(role).used(prompt, completion, cached).units
        for spending in self._bearers(role, call):
            spending.prompt_tokens += prompt
            spending.cached_tokens += cached
            spending.completion_tokens += completion
            spending.requests += attempts
            spending.units += units

    def _bearers(self, role: str, call: str) -> Iterator[RoleSpending]:
        """Yield the accounts that a call is charged to: that of its role, and of its module if it has one.

        An execution of a program is no request, and has none: its calls are charged.
        """
        if role != PROGRAMS:
            yield self._role(role)
        module = self.modules.of(call)
        if module is not None:
            yield module

    def _role(self, role: str) -> RoleSpending:
        return self.roles.setdefault(role, RoleSpending())

    def _tariff(self, role: str) -> Tariff:
        if role not in self._tariffs:
            price = self._models.get(role, {}).get("price")
            self._tariffs[role] = Tariff(Price.model_validate(price) if price else None)
        return self._tariffs[role]

    def _most(self, role: str, request: ModelRequest) -> Cost:
        count = worst_case(self._models.get(role, {}), request)
        return self._tariff(role).used(count.prompt, count.completion)
