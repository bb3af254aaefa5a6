"""A run whose budget has ended, taken up again from before that end, with more."""

from collections.abc import Iterable

from ...agents.messages import CallRequested
from ...agents.messages.codec import decode
from ...storage.event import Event
from ...storage.opening import open_reader
from ...storage.place import Place
from ..budget.tracker import BudgetTracker, Terms
from ..calls.dispatcher import Call
from ..config.budget_settings import BudgetSettings
from ..projections.run_status import NOTES
from ..runtime.assembly import terms_for
from ..runtime.recorded_run import recorded
from .fork import fork


async def prolong(log_path: Place, run: str, end: Event, budget: BudgetSettings) -> str:
    """Fork `run` just before the `end` of its budget, with another one; returns the name to resume.

    What the run has spent behind that point counts towards the new budget.
    """
    with open_reader(log_path) as reader:
        config, _ = recorded(reader, run)
        events = list(reader.read(run))
    before = [event for event in events if event.seq < end.seq and event.kind not in NOTES]
    terms = terms_for(config)
    whole, shared = _account(events, terms), _account(before, terms)
    behind = whole.ledger.spent - shared.ledger.spent
    # The shared part is copied in a moment: its time is carried over, too.
    carried = {
        "tokens": behind.tokens,
        "units": behind.units,
        "calls": behind.calls,
        "seconds": round(whole.elapsed(), 3),
    }
    overrides = {f"budget.{name}": most for name, most in budget.limits.items()}
    return await fork(log_path, run, before[-1].seq, overrides, carried=carried)


def _account(events: Iterable[Event], terms: Terms) -> BudgetTracker:
    """The account of a run after these events."""
    account = BudgetTracker(terms, {}, {}, lambda _message: None)
    pending: dict[str, Call] = {}
    for event in events:
        account.hear(event, pending)
        if event.kind == "call.requested" and event.data:
            message = decode(event)
            assert isinstance(message, CallRequested)
            pending[event.id] = Call(event.id, message.model, message.key, message.request)
        elif event.kind == "call.finished":
            pending.pop(event.cause or "", None)
    return account
