"""The budget account of a run, kept from its log: the same however often the run was resumed."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from ...agents.messages import (
    BackendProbed,
    BudgetExhausted,
    CallFailed,
    CallFinished,
    Message,
    RunForked,
    RunResumed,
    ScoringRequested,
    TaskLoaded,
)
from ...agents.messages.codec import decode
from ...agents.models.tariff import Cost
from ...agents.search.settings import SearchSettings
from ...storage.event import Event
from ..calls.dispatcher import Call
from ..calls.model_pool import ModelPool
from ..config.budget_settings import BudgetSettings, Limit
from ..errors import ConfigError
from ..projections.run_status import NOTES
from .final_reserve import SCORER, FinalReserve
from .gate import BudgetGate
from .ledger import Ledger

_KINDS = frozenset(
    {
        "task.loaded",
        "scoring.requested",
        "call.finished",
        "call.failed",
        "backend.probed",
        "budget.exhausted",
        "run.resumed",
        "run.forked",
    }
)
"""Kinds of events that change the account."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of a run, and the runs whose replies it may use without paying."""

    budget: BudgetSettings = field(default_factory=BudgetSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    others: Sequence[str] | None = ()
    """Other runs whose replies may be used; None for all runs of the log."""


class BudgetTracker:
    """Charges what the log says was spent, and lets `gate` charge for the requests under way.

    `on_end` is called during the run when its budget has ended.
    """

    def __init__(self, terms: Terms, pool: ModelPool, on_end: Callable[[BudgetExhausted], None]) -> None:
        self.ledger = Ledger(terms.budget, pool.tariffs)
        self.gate = BudgetGate(self.ledger, self.elapsed, self._end)
        self._reserve = FinalReserve(terms.search, pool)
        self._pool = pool
        self._on_end = on_end
        self._final = False
        self._seconds, self._last_at = 0.0, 0
        self._began: float | None = None
        self._retried: set[str] = set()
        self._copied = False

    def begin(self) -> None:
        """Start the clock; from now on the gate charges for calls, and the log no longer does."""
        self._began = time.monotonic()

    def elapsed(self) -> float:
        """Return the seconds that the run has taken so far, without the time in which it was stopped."""
        now = time.monotonic()
        return self._seconds + now - (self._began if self._began is not None else now)

    def apply(self, event: Event, pending: Mapping[str, Call]) -> None:
        """Update the account with the next event; `pending` are the calls without a reply before it."""
        if self._began is None:
            self._keep_time(event)
        # Earlier costs count even if there was no limit at that time: before `begin` every event is applied.
        wanted = self.ledger.limited or self._began is None or event.kind == "run.resumed"
        if wanted and event.kind in _KINDS and event.data:
            self._apply_message(event, pending)

    def _keep_time(self, event: Event) -> None:
        if event.kind in NOTES:
            return
        if self._last_at and event.kind != "run.resumed":
            self._seconds += (event.at - self._last_at) / 1e6
        self._last_at = event.at

    def _apply_message(self, event: Event, pending: Mapping[str, Call]) -> None:
        message = decode(event)
        match message:
            case TaskLoaded():
                self._reserve.apply_task(message)
            case ScoringRequested():
                self._reserve.apply_scoring(message)
                if message.purpose == "final":
                    self._final = True
                    self.gate.release()
            case CallFinished() | CallFailed():
                self._apply_outcome(message, pending.get(event.cause or ""))
            case BackendProbed() if self._began is None:
                tariff = self.ledger.tariff(message.model)
                spent = tariff.used(message.prompt_tokens, message.completion_tokens)
                self._charge(Cost(spent.tokens, spent.units, message.attempts))
            case BudgetExhausted():
                self.gate.close()
            case RunForked():
                self._copied = True
                self._carry_over(message.carried)
            case RunResumed():
                self._resume(message, pending)
        self._hold_back()

    def _apply_outcome(self, message: CallFinished | CallFailed, call: Call | None) -> None:
        if call is None:
            return
        tariff = self.ledger.tariff(call.model)
        if isinstance(message, CallFailed):
            if not message.final:
                self._retried.add(call.id)
            spent = Cost()
        else:
            if message.reused is not None:
                return
            if call.model == SCORER:
                self._reserve.apply_reply(call.request, message)
            spent = tariff.exact(message.reply)
        if self._began is None:
            lost = tariff.most(call.request) * message.unsettled if message.unsettled else Cost()
            self._charge(Cost(spent.tokens + lost.tokens, spent.units + lost.units, message.attempts))

    def _resume(self, message: RunResumed, pending: Mapping[str, Call]) -> None:
        """Charge the worst case for calls that were under way when the run was interrupted."""
        if not self._copied:
            for role, pooled in self._pool.items():
                calls = [c for c in pending.values() if c.model == role and c.id not in self._retried]
                costs = [pooled.tariff.most(call.request) for call in calls]
                self._charge(sum(nlargest(pooled.slots, costs, key=lambda cost: cost.tokens), Cost()))
        self._retried.clear()
        self._copied = False
        if message.budget is not None:
            self.ledger.budget = BudgetSettings.model_validate(message.budget)

    def _carry_over(self, carried: Mapping[str, float] | None) -> None:
        if carried is not None:
            self._charge(Cost(int(carried["tokens"]), int(carried["units"]), int(carried["calls"])))
            self._seconds += carried["seconds"]

    def _charge(self, cost: Cost) -> None:
        self.ledger.settle(Cost(), cost)

    def _hold_back(self) -> None:
        if self._final or not self.ledger.limited:
            return
        self.ledger.held_back = self._reserve.cost()
        self.ledger.seconds_held_back = self._reserve.seconds()

    def _end(self, limit: Limit) -> None:
        ledger = self.ledger
        seconds = limit == "seconds"
        self._on_end(
            BudgetExhausted(
                limit=limit,
                budget=ledger.budget.limits[limit],
                spent=round(self.elapsed(), 3) if seconds else ledger.spent.of(limit),
                reserved=round(ledger.seconds_held_back, 3) if seconds else ledger.held_back.of(limit),
            )
        )


def check_affordable(terms: Terms, opening: Sequence[Message], pool: ModelPool) -> None:
    """Raise `ConfigError` if the budget does not even cover the final comparison. Makes no call."""
    if not terms.budget.limits:
        return
    reserve = FinalReserve(terms.search, pool)
    for message in opening:
        if isinstance(message, TaskLoaded):
            reserve.apply_task(message)
    timeout = pool[SCORER].timeout
    limit = Ledger(terms.budget, {}).lacking(reserve.cost(), 0.0, timeout)
    if limit is None:
        return
    have = terms.budget.limits[limit]
    if limit == "seconds":
        raise ConfigError(
            f"budget.seconds = {have:g}: a single reply may take {timeout:g} s. Raise the budget, or lower "
            "timeout in [models.scorer]."
        )
    raise ConfigError(
        f"budget.{limit} = {have:,.10g} does not cover the final comparison, for which about "
        f"{reserve.cost().of(limit):,.10g} are held back. Raise it, or lower target.test_examples."
    )
