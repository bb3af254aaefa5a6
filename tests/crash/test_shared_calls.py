"""Identical concurrent calls share one request."""

import asyncio
from pathlib import Path

import pytest
from tiny_runs import scripted

from transfer_prompting.agents.messages import CallFailed, CallFinished
from transfer_prompting.agents.models.base import ChatMessage, ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.budget.gate import BudgetGate
from transfer_prompting.orchestration.budget.ledger import Ledger
from transfer_prompting.orchestration.calls.dispatcher import CallDispatcher, call_key
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.calls.outcomes import Call, CallOutcome
from transfer_prompting.orchestration.calls.reply_cache import ReplyCache
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings

SAME = ModelRequest(messages=(ChatMessage(role="user", content="Is 7 even?"),))
Ended = list[tuple[Call, CallOutcome]]


def _call(number: int, request: ModelRequest = SAME) -> Call:
    return Call(f"call-{number}", "scorer", call_key("scripted", request), request)


async def _ask(
    model: ScriptedModel, calls: list[Call], answered: dict[str, ModelReply], folder: Path = Path()
) -> Ended:
    ended: Ended = []
    all_ended = asyncio.Event()

    def deliver(batch: Ended) -> None:
        ended.extend(batch)
        if len(ended) == len(calls):
            all_ended.set()

    replies = ReplyCache(folder / "log.db", "run")
    for id_, reply in answered.items():
        replies.remember(calls[0].key, id_, reply)
    gate = BudgetGate(Ledger(BudgetSettings(), {}), lambda: 0.0, lambda _limit: None)
    pool = ModelPool.of({"scorer": model}, slots=64)
    dispatcher = CallDispatcher(pool, gate, replies, deliver, lambda *_: None)
    for call in calls:
        dispatcher.start(call)
    # An outcome that never comes fails the test instead of hanging the suite.
    async with asyncio.timeout(60):
        await all_ended.wait()
    assert dispatcher.in_flight == 0
    await dispatcher.close()
    return ended


async def test_four_identical_calls_pay_once() -> None:
    """Of four identical concurrent calls one reaches the model; the others name it as their source."""
    model = scripted(lambda _request: "no")
    ended = await _ask(model, [_call(n) for n in range(4)], {})
    assert model.calls == 1
    outcomes = {call.id: outcome for call, outcome in ended}
    assert all(isinstance(o, CallFinished) and o.reply.text == "no" for o in outcomes.values())
    reused = [o.reused for o in outcomes.values() if isinstance(o, CallFinished)]
    assert reused == [None, "call-0", "call-0", "call-0"]
    assert [o.attempts for o in outcomes.values()] == [1, 0, 0, 0]


async def test_an_answered_call_is_not_paid_again() -> None:
    """A call with the key of an earlier reply of the run is answered from the log."""
    model = scripted(lambda _request: "yes")
    told = ModelReply(text="no", finish="stop", prompt_tokens=3, completion_tokens=1)
    [(_, outcome)] = await _ask(model, [_call(7)], {"call-0": told})
    assert model.calls == 0
    assert isinstance(outcome, CallFinished)
    assert (outcome.reused, outcome.reply) == ("call-0", told)


@pytest.mark.parametrize(
    "change",
    [{"temperature": 0.5}, {"seed": 1}, {"max_tokens": 9}, {"stop": ("\n",)}, {"sample": 1}],
    ids=lambda change: next(iter(change)),
)
async def test_calls_that_differ_are_all_made(change: dict[str, object]) -> None:
    """A difference that may change the reply makes a different call."""
    model = scripted(lambda _request: "no")
    other = SAME.model_copy(update=change)
    await _ask(model, [_call(0), _call(1, other)], {})
    assert model.calls == 2


async def test_a_shared_call_fails_for_all() -> None:
    """If the shared request is refused, every call that shares it fails after one request."""
    model = scripted(lambda _request: ModelError("authentication", "The key is refused."))
    ended = await _ask(model, [_call(n) for n in range(4)], {})
    assert model.calls == 1
    assert all(isinstance(outcome, CallFailed) for _, outcome in ended)
