"""A run's account with its budget, kept from the log: the same after any number of lives."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

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
from ...agents.models.base import Model
from ...agents.models.price import Price
from ...agents.models.tariff import Cost, Tariff
from ...agents.search.settings import SearchSettings
from ...storage.event import Event
from ..calls.dispatcher import Call
from ..config.budget_settings import BudgetSettings, Limit
from ..errors import ConfigError
from ..projections.run_status import NOTES
from .final_reserve import FinalReserve
from .gate import BudgetGate
from .ledger import Ledger

_SCORER = "scorer"
_HEARD = frozenset(
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


@dataclass(frozen=True, slots=True)
class Terms:
    """What a run may cost, what its models charge, and what it need not pay."""

    budget: BudgetSettings = field(default_factory=BudgetSettings)
    prices: Mapping[str, Price] = field(default_factory=dict)
    """Role -> price of its model."""
    timeouts: Mapping[str, float] = field(default_factory=dict)
    """Role -> seconds that a reply of its model may take."""
    search: SearchSettings = field(default_factory=SearchSettings)
    others: Sequence[str] | None = ()
    """Other runs whose replies may be taken instead of asking; None for all of the log."""


class BudgetTracker:
    """Charges what the log says was spent, and lets the till do so for what is under way.

    `on_end` is called in the midst of the run when its budget has ended.
    """

    def __init__(
        self,
        terms: Terms,
        models: Mapping[str, Model],
        slots: Mapping[str, int],
        on_end: Callable[[BudgetExhausted], None],
    ) -> None:
        roles = {*models, *terms.prices}
        tariffs = {role: Tariff(terms.prices.get(role), models.get(role)) for role in roles}
        self.ledger = Ledger(terms.budget, tariffs)
        self.gate = BudgetGate(self.ledger, self.elapsed, self._end)
        self._reserve = FinalReserve(terms.search, self.ledger.tariff(_SCORER), slots.get(_SCORER, 1))
        self._slots = slots
        self._on_end = on_end
        self._final = False
        self._seconds, self._last_at = 0.0, 0
        self._began: float | None = None
        self._refused: set[str] = set()
        self._cut = False

    def begin(self) -> None:
        """From now on the clock runs, and the till charges for calls."""
        self._began = time.monotonic()

    def elapsed(self) -> float:
        """Seconds that the run has taken in all its lives, this one included."""
        now = time.monotonic()
        return self._seconds + now - (self._began if self._began is not None else now)

    def hear(self, event: Event, pending: Mapping[str, Call]) -> None:
        """Take in an event of the run, before anybody else does; `pending` are the calls without a reply."""
        if self._began is None:
            self._keep_time(event)
        # What was spent before any limit was set counts, too: of an earlier life everything is heard.
        wanted = self.ledger.limited or self._began is None or event.kind == "run.resumed"
        if wanted and event.kind in _HEARD and event.data:
            self._take(event, pending)

    def _keep_time(self, event: Event) -> None:
        if event.kind in NOTES:
            return
        if self._last_at and event.kind != "run.resumed":
            self._seconds += (event.at - self._last_at) / 1e6
        self._last_at = event.at

    def _take(self, event: Event, pending: Mapping[str, Call]) -> None:
        message = decode(event)
        match message:
            case TaskLoaded():
                self._reserve.load(message)
            case ScoringRequested():
                self._reserve.scoring(message)
                if message.purpose == "final":
                    self._final = True
                    self.gate.release()
            case CallFinished() | CallFailed():
                self._outcome(message, pending.get(event.cause or ""))
            case BackendProbed() if self._began is None:
                tariff = self.ledger.tariff(message.model)
                spent = tariff.used(message.prompt_tokens, message.completion_tokens)
                self._charge(Cost(spent.tokens, spent.units, message.attempts))
            case BudgetExhausted():
                self.gate.close()
            case RunForked():
                self._cut = True
                self._carry(message.carried)
            case RunResumed():
                self._resume(message, pending)
        self._hold_back()

    def _outcome(self, message: CallFinished | CallFailed, call: Call | None) -> None:
        if call is None:
            return
        tariff = self.ledger.tariff(call.model)
        if isinstance(message, CallFailed):
            if not message.final:
                self._refused.add(call.id)
            spent = Cost()
        else:
            if message.reused is not None:
                return
            if call.model == _SCORER:
                self._reserve.answered(call.request, message)
            spent = tariff.exact(message.reply)
        if self._began is None:
            lost = tariff.most(call.request) * message.unsettled if message.unsettled else Cost()
            self._charge(Cost(spent.tokens + lost.tokens, spent.units + lost.units, message.attempts))

    def _resume(self, message: RunResumed, pending: Mapping[str, Call]) -> None:
        """Whatever was under way when the life before ended may have been billed: it counts at its worst."""
        if not self._cut:
            for role, slots in self._slots.items():
                tariff = self.ledger.tariff(role)
                calls = [c for c in pending.values() if c.model == role and c.id not in self._refused]
                costs = sorted((tariff.most(call.request) for call in calls), key=lambda c: c.tokens)
                self._charge(sum(costs[-slots:], Cost()))
        self._refused.clear()
        self._cut = False
        if message.budget is not None:
            self.ledger.budget = BudgetSettings.model_validate(message.budget)

    def _carry(self, carried: Mapping[str, float] | None) -> None:
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


def check_affordable(
    terms: Terms, opening: Sequence[Message], models: Mapping[str, Model], slots: Mapping[str, int]
) -> None:
    """Refuse a run whose budget does not even last for the verdict. Raises `ConfigError` before any call."""
    if not terms.budget.limits:
        return
    reserve = FinalReserve(
        terms.search, Tariff(terms.prices.get(_SCORER), models[_SCORER]), slots.get(_SCORER, 1)
    )
    for message in opening:
        if isinstance(message, TaskLoaded):
            reserve.load(message)
    ledger = Ledger(terms.budget, {})
    limit = ledger.lacking(reserve.cost(), 0.0, terms.timeouts.get(_SCORER, 0.0))
    if limit is None:
        return
    have = terms.budget.limits[limit]
    if limit == "seconds":
        raise ConfigError(
            f"budget.seconds = {have:g}: a single reply may take {terms.timeouts[_SCORER]:g} s. Raise the "
            "budget, or lower timeout in [models.scorer]."
        )
    raise ConfigError(
        f"budget.{limit} = {have:,.10g} does not even last for the final comparison, for which about "
        f"{reserve.cost().of(limit):,.10g} are held back. Raise it, or lower target.test_examples."
    )
