"""The budget account of a run, kept from its log: the same however often the run was resumed."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...agents.call_events import PROGRAMS
from ...agents.messages import (
    BudgetExhausted,
    CallFinished,
    CallRequested,
    Message,
    RunResumed,
    ScoringRequested,
    StageStarted,
    TaskLoaded,
)
from ...agents.messages.codec import decode
from ...agents.models.tariff import Cost
from ...agents.programs.request import read_executed
from ...agents.search.settings import SearchSettings
from ...agents.upcasting import UPCASTERS
from ...prompts.metrics.judge_options import JUDGE
from ...storage.event import Event
from ...storage.place import Place
from ..calls.model_pool import ModelPool
from ..calls.outcomes import Call
from ..config.budget_settings import LIMITS, BudgetSettings, Limit
from ..errors import ConfigError
from ..projections.run_clock import RunClock
from ..projections.spending import Spending
from .execution_costs import ExecutionCosts
from .execution_gate import ExecutionGate
from .final_reserve import SCORER
from .gate import BudgetGate
from .ledger import Ledger
from .reserves import Reserves
from .target_shares import TargetShares

_KINDS = frozenset(
    {
        "task.loaded",
        "stage.started",
        "scoring.requested",
        "call.finished",
        "budget.exhausted",
        "run.resumed",
    }
)
"""Kinds of events that change limits or estimates."""
_CHARGED = frozenset(
    {"run.started", "call.attempted", "call.failed", "backend.probed", "run.forked", "run.resumed"}
)
"""Kinds of events, besides calls and replies, that say what was spent."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits of a run, and the runs whose replies it may use without paying."""

    budget: BudgetSettings = field(default_factory=BudgetSettings)
    search: SearchSettings = field(default_factory=SearchSettings)
    others: Sequence[str] | None = ()
    """Other runs whose replies may be used; None for all runs of the log."""
    further: Place | None = None
    """Another log whose replies may all be used."""
    accept_unreadable: bool = False
    """Whether the run goes on although hardly any answer can be read."""


class BudgetTracker:
    """Charges what the log says was spent, and lets `gate` charge for the requests under way.

    `on_end` is called during the run when its budget has ended.
    """

    def __init__(self, terms: Terms, pool: ModelPool, on_end: Callable[[BudgetExhausted], None]) -> None:
        self.ledger = Ledger(terms.budget, pool.tariffs)
        self.gate = BudgetGate(self.ledger, self.elapsed, self._end)
        self._costs = ExecutionCosts(self.ledger.tariff(SCORER))
        self.executions = ExecutionGate(self.gate, self._costs)
        self._reserves = Reserves(terms.search, pool, self._costs)
        self._shares = TargetShares()
        self._on_end = on_end
        self._clock = RunClock()
        self._spending = Spending()
        self._began: float | None = None

    def begin(self) -> None:
        """Start the clock; from now on the gate charges for calls, and the log no longer does."""
        self._began = time.monotonic()

    def elapsed(self) -> float:
        """Return the seconds that the run has taken so far, without the time in which it was stopped."""
        now = time.monotonic()
        earlier = self._clock.seconds + self._spending.carried_seconds
        return earlier + now - (self._began if self._began is not None else now)

    def apply(self, event: Event, pending: Mapping[str, Call]) -> None:
        """Update the account with the next event; `pending` are the calls without a reply before it."""
        recovering = self._began is None
        if recovering:
            self._clock.apply(event)
        if recovering or event.kind == "run.resumed":
            self._charge(event)
        # Estimates are kept up even if there was no limit at that time: one may be set on resumption.
        wanted = self.ledger.limited or recovering or event.kind == "run.resumed"
        if wanted and event.kind in _KINDS and event.data:
            self._apply_message(event, pending)

    def apply_all(self, events: Iterable[Event]) -> None:
        """Update the account with the whole log of a run, or with its beginning."""
        pending: dict[str, Call] = {}
        for event in events:
            self.apply(event, pending)
            if event.kind == "call.requested" and event.data:
                message = decode(event)
                assert isinstance(message, CallRequested)
                pending[event.id] = Call(event.id, message.model, message.key, message.request)
            elif event.kind == "call.finished":
                pending.pop(event.cause or "", None)

    def _charge(self, event: Event) -> None:
        """Charge what the log says was spent before this process began, and was under way when it ended."""
        before = self._spending.total
        if event.kind == "call.finished":
            self._spending.apply_reply(event, UPCASTERS.payload(event) if event.data else {})
        elif event.kind == "call.requested":
            self._spending.apply(event, None)
        elif event.kind in _CHARGED and event.data:
            self._spending.apply(event, decode(event))
        self.ledger.settle(Cost(), self._spending.total - before)

    def charge_open(self) -> None:
        """Charge what may have been sent for the calls that have no outcome yet."""
        before = self._spending.total
        self._spending.lose_open()
        self.ledger.settle(Cost(), self._spending.total - before)

    def _apply_message(self, event: Event, pending: Mapping[str, Call]) -> None:
        message = decode(event)
        match message:
            case TaskLoaded():
                self._reserves.apply_task(message)
                self._shares.apply_task(message)
            case StageStarted():
                self._shares.begin(message.stage, self._used())
            case ScoringRequested():
                self._reserves.apply_scoring(message)
                if message.purpose == "final":
                    self._shares.release()
                    self.gate.release()
            case CallFinished():
                self._apply_reply(message, pending.get(event.cause or ""))
            case BudgetExhausted():
                self.gate.close()
            case RunResumed() if message.budget is not None:
                self.ledger.budget = BudgetSettings.model_validate(message.budget)
        self._hold_back()

    def _apply_reply(self, message: CallFinished, call: Call | None) -> None:
        if call is not None and call.model == SCORER and message.reused is None:
            self._reserves.apply_reply(call.request, message)
        elif call is not None and call.model == PROGRAMS and message.reused is None:
            self._costs.learn(read_executed(message.reply))
        elif call is not None and call.model == JUDGE and message.reused is None:
            self._reserves.apply_judgement(call.request, message)

    def _hold_back(self) -> None:
        if not self.ledger.limited:
            return
        self.ledger.held_back = self._reserves.cost()
        self.ledger.seconds_held_back = self._reserves.seconds()
        self.ledger.kept = self._shares.kept(self.ledger.budget.limits)

    def _used(self) -> dict[Limit, float]:
        """Return what is spent of each limit, reserved, or held back for verdicts."""
        cost = self.ledger.spent + self.ledger.reserved + self._reserves.cost()
        used = {limit: cost.of(limit) for limit in LIMITS}
        return {**used, "seconds": self.elapsed() + self._reserves.seconds()}

    def _end(self, limit: Limit) -> None:
        ledger = self.ledger
        seconds = limit == "seconds"
        self._on_end(
            BudgetExhausted(
                limit=limit,
                budget=ledger.limits[limit],
                spent=round(self.elapsed(), 3) if seconds else ledger.spent.of(limit),
                reserved=round(ledger.seconds_held_back, 3) if seconds else ledger.held_back.of(limit),
                stage=self._shares.stage,
            )
        )


def check_affordable(terms: Terms, opening: Sequence[Message], pool: ModelPool) -> None:
    """Raise `ConfigError` if the budget does not even cover the final comparison. Makes no call."""
    if not terms.budget.limits:
        return
    costs = ExecutionCosts(pool[SCORER].tariff)
    reserves = Reserves(terms.search, pool, costs)
    for message in opening:
        if isinstance(message, TaskLoaded):
            reserves.apply_task(message)
    timeout, held_back = pool[SCORER].timeout, reserves.cost()
    limit = Ledger(terms.budget, {}).lacking(held_back, 0.0, timeout)
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
        f"{held_back.of(limit):,.10g} are held back. Raise it, or lower target.test_examples."
    )
