"""The account that a resumed run restores from its log is no lower than the costs so far."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tenacity import wait_none
from tiny_runs import begin, copy_prefix, reply_by_hash, resume, scripted, tiny_config

from transfer_prompting.agents.messages import CallFailed, CallFinished, CallRequested
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.tariff import UNITS, Cost, Tariff
from transfer_prompting.orchestration.budget.tracker import BudgetTracker, Terms
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.calls.outcomes import Call
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.storage.event import Event

PRICE = Price(input=0.7, output=2.9, cached=0.1)
ROLES = ("scorer", "reference")
TARIFF = Tariff(PRICE)
SLOTS = 16


def account_of(events: Sequence[Event]) -> tuple[Cost, list[Call]]:
    """Return the amount spent after the events, and the calls that have no outcome by then."""
    pool = ModelPool.of(dict.fromkeys(ROLES, scripted()), slots=SLOTS, price=PRICE)
    terms = Terms(budget=BudgetSettings(tokens=10**9))
    account = BudgetTracker(terms, pool, lambda _ended: None)
    pending: dict[str, Call] = {}
    for event in events:
        account.apply(event, pending)
        message = decode(event)
        if isinstance(message, CallRequested):
            pending[event.id] = Call(event.id, message.model, message.key, message.request)
        elif isinstance(message, CallFinished | CallFailed):
            pending.pop(event.cause or "", None)
    return account.ledger.spent, list(pending.values())


def paid_in(events: Sequence[Event]) -> Cost:
    """Return the cost of the replies in the log."""
    replies = [m for e in events if isinstance(m := decode(e), CallFinished) and m.reused is None]
    return sum((TARIFF.exact(m.reply) for m in replies), Cost())


async def test_attempts_that_failed_are_in_the_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every failed attempt that may have been billed is charged at its worst case."""
    monkeypatch.setattr(retry, "WAIT", wait_none())
    numbers = count(1)
    lost: list[ModelRequest] = []

    def answer(request: ModelRequest) -> str | ModelError:
        if next(numbers) % 5:
            return reply_by_hash(request)
        lost.append(request)
        return ModelError("server_error", "No.", retryable=True)

    events = await begin(tiny_config(tmp_path, price=PRICE), tmp_path, scripted(answer))
    assert lost
    spent, pending = account_of(events)
    assert not pending
    assert spent == paid_in(events) + sum(map(TARIFF.most, lost), Cost())


async def test_calls_under_way_at_a_crash_are_in_the_account(tmp_path: Path) -> None:
    """A call without an outcome may have been billed, so the resumed run charges its worst case."""
    config = tiny_config(tmp_path, price=PRICE)
    whole = await begin(config, tmp_path, scripted())
    kinds = [event.kind for event in whole]
    # Of the calls without an outcome no more than fill the slots were under way.
    ends = [n for n, kind in enumerate(kinds) if kind == "call.finished" and n > len(kinds) // 2]
    cut = next(n for n in ends if 0 < _open_calls(kinds[:n]) <= SLOTS)
    folder = tmp_path / "cut"
    folder.mkdir()
    await copy_prefix(whole[:cut], folder)
    events = await resume(config, folder, scripted())
    resumed = [event.kind for event in events].index("run.resumed")
    spent, pending = account_of(events[: resumed + 1])
    assert 0 < len(pending) <= SLOTS
    assert spent == paid_in(whole[:cut]) + sum((TARIFF.most(call.request) for call in pending), Cost())


def _open_calls(kinds: Sequence[str]) -> int:
    return kinds.count("call.requested") - kinds.count("call.finished")


TOKENS = st.integers(0, 10**7)
RATES = st.floats(0, 1000)


@given(TOKENS, TOKENS, TOKENS, RATES, RATES, st.none() | RATES)
def test_money_is_exact(
    prompt: int, completion: int, cached: int, written: float, read: float, known: float | None
) -> None:
    """A cost is the exact price, with prices per million tokens to nine decimals."""
    price = Price(input=read, output=written, cached=known)
    reply = ModelReply(
        text="", finish="stop", prompt_tokens=prompt, completion_tokens=completion, cached_tokens=cached
    )
    found = min(prompt, cached)
    rates = Fraction(read), Fraction(read if known is None else known), Fraction(written)
    counts = prompt - found, found, completion
    true = sum(count * rate for count, rate in zip(counts, rates, strict=True)) * UNITS / 10**6
    assert abs(Tariff(price).exact(reply).units - true) <= Fraction(sum(counts), 2)
