"""Calling a model with retries: the cost of each attempt, the pauses, and the end of the attempts."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from hanging import no_hanging  # noqa: F401 - a fixture
from tenacity import wait_none, wait_random

from transfer_prompting.agents.models.base import (
    ChatMessage,
    FailureCause,
    Model,
    ModelError,
    ModelReply,
    ModelRequest,
)
from transfer_prompting.agents.models.openai.model import OpenAIModel
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.models.tariff import Cost, Tariff
from transfer_prompting.orchestration.budget.gate import BudgetGate
from transfer_prompting.orchestration.budget.ledger import Ledger
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.calls.retry import Answered, Failed, Payment, ask
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings, Limit

REQUEST = ModelRequest(messages=(ChatMessage(role="user", content="Is it so?"),))
WORST = Tariff().most(REQUEST)
DEFAULT_WAIT = retry.WAIT


class Shop:
    """A budget gate with ample limits; `ended` lists the limits at which the budget has ended."""

    def __init__(self, **limits: float) -> None:
        self.ended: list[Limit] = []
        began = time.monotonic()
        budget = BudgetSettings.model_validate({"calls": 1000, **limits})
        self.gate = BudgetGate(Ledger(budget, {}), lambda: time.monotonic() - began, self.ended.append)

    async def ask(self, model: Model, request: ModelRequest = REQUEST) -> Answered | Failed:
        """Ask a model and return the result; afterwards nothing is reserved."""
        result = await ask(model, request, lambda sent: self.gate.pay("scorer", sent, 0.0))
        assert self.gate.ledger.reserved == Cost()
        return result

    @property
    def spent(self) -> Cost:
        """The amount spent so far."""
        return self.gate.ledger.spent


async def free(_request: ModelRequest) -> Payment:
    """Admit every request without a limit."""
    return Payment()


def failing(cause: FailureCause, **more: Any) -> ScriptedModel:
    """Return a model that always fails with `cause`."""
    return ScriptedModel(lambda _request: ModelError(cause, "No.", **more))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the pauses between attempts."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


@pytest.mark.parametrize(
    "cause",
    ["timeout", "connection", "malformed_reply", "crash", "server_error", "content_filter", "bad_request"],
)
async def test_what_may_be_billed_is_charged_in_full(cause: FailureCause) -> None:
    """If the backend may have done some of the work, the attempt is charged at its worst case."""
    shop = Shop()
    result = await shop.ask(failing(cause))
    assert (result.attempts, result.unsettled, shop.spent) == (1, 1, WORST)


@pytest.mark.parametrize("cause", ["authentication", "quota", "rate_limit", "not_found", "not_supported"])
async def test_a_request_that_is_turned_away_costs_a_call(cause: FailureCause) -> None:
    """A request that is refused before any work is charged as a call without tokens."""
    shop = Shop()
    result = await shop.ask(failing(cause))
    assert (result.attempts, result.unsettled, shop.spent) == (1, 0, Cost(calls=1))


async def test_the_model_knows_better_than_the_cause() -> None:
    """Work certainly done is charged, and a request that was not sent is free, whatever the cause."""
    shop = Shop()
    assert (await shop.ask(failing("rate_limit", sent=True))).unsettled == 1
    assert shop.spent == WORST
    shop = Shop()
    unsent = await shop.ask(failing("connection", sent=False, retryable=True))
    assert (unsent.attempts, unsent.unsettled, shop.spent) == (0, 0, Cost())


async def test_every_attempt_is_paid() -> None:
    """Failed attempts are charged in addition to the one that is answered."""
    replies: list[Any] = [ModelError("server_error", "No.", retryable=True)] * 2
    replies.append(ModelReply(text="yes", finish="stop", prompt_tokens=5, completion_tokens=2))
    shop = Shop()
    result = await shop.ask(ScriptedModel(lambda _request: replies.pop(0)))
    assert isinstance(result, Answered)
    assert (result.attempts, result.unsettled) == (3, 2)
    assert shop.spent == WORST * 2 + Cost(tokens=7, calls=1)


async def test_a_refused_connection_costs_nothing() -> None:
    """If no connection can be made, nothing counts as sent, however many attempts were made."""
    model = OpenAIModel("m", [f"http://127.0.0.1:{unused_port()}/v1" for _ in range(2)], api_key=None)
    shop = Shop()
    result = await shop.ask(model)
    await model.close()
    assert isinstance(result, Failed)
    assert (result.cause, result.retryable, result.attempts) == ("connection", True, 0)
    assert shop.spent == Cost()


async def served(
    answer: Callable[[dict[str, Any]], web.Response], request: ModelRequest, **model: Any
) -> Shop:
    """Return the gate after one call to a server that answers with `answer`."""

    async def handle(sent: web.Request) -> web.Response:
        return answer(await sent.json())

    app, shop = web.Application(), Shop()
    app.router.add_post("/{path:.*}", handle)
    async with TestServer(app, host="127.0.0.1") as server:
        client = OpenAIModel("m", str(server.make_url("/v1")), api_key=None, **model)
        await shop.ask(client, request)
        await client.close()
    return shop


async def test_a_rate_limit_that_is_waited_for_is_no_further_call() -> None:
    """A request that the client repeats after a refusal is one call, charged by its reply."""
    answers = [
        web.json_response({}, status=429, headers={"Retry-After": "0"}),
        web.json_response(
            {
                "choices": [{"message": {"content": "yes"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 9, "completion_tokens": 1},
            }
        ),
    ]
    shop = await served(lambda _body: answers.pop(0), REQUEST)
    assert not answers
    assert shop.spent == Cost(tokens=10, calls=1)


async def test_a_rate_limit_that_does_not_pass_costs_nothing() -> None:
    """If a server asks for a longer pause than allowed, nothing is charged."""
    refusal = {"status": 429, "headers": {"Retry-After": "3600"}}
    shop = await served(lambda _body: web.json_response({}, **refusal), REQUEST, max_wait=1.0)  # type: ignore[arg-type]
    assert shop.spent == Cost()


async def test_options_before_the_one_that_failed_are_charged() -> None:
    """If a server answers for one option and refuses the second, the call is charged at its worst case."""
    request = REQUEST.model_copy(update={"options": ("yes", "no")})

    def answer(body: dict[str, Any]) -> web.Response:
        if "messages" not in body or body.get("add_generation_prompt"):
            return web.json_response({"count": 1})
        if body["messages"][-1]["content"] == "no":
            return web.json_response({}, status=401)
        usage = {"prompt_tokens": 9, "completion_tokens": 1}
        steps = [None, {"7": {"logprob": -1.0}}]
        return web.Response(text=json.dumps({"choices": [], "usage": usage, "prompt_logprobs": steps}))

    shop = await served(answer, request, server="vllm")
    assert shop.spent == Tariff().most(request)
    nothing = await served(lambda _body: web.json_response({}, status=401), request, server="vllm")
    assert nothing.spent == Cost(calls=1)


async def test_a_call_does_not_outlast_the_seconds() -> None:
    """A request that never ends is abandoned when the seconds are used up, and charged in full."""
    shop = Shop(seconds=0.05)
    result = await shop.ask(ScriptedModel(lambda _request: "late", delay=lambda _request: 1e6))
    assert isinstance(result, Failed)
    assert (result.cause, result.attempts, result.unsettled) == ("budget", 1, 1)
    assert (shop.spent, shop.ended) == (WORST, ["seconds"])


async def test_a_pause_does_not_outlast_the_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause is longer than the remaining seconds, whatever a backend asks for."""
    monkeypatch.setattr(retry, "_LONGEST_PAUSE", 1e6)
    shop = Shop(seconds=0.05)
    result = await shop.ask(failing("server_error", retryable=True, retry_after=1e6))
    assert isinstance(result, Failed)
    assert (result.cause, result.attempts, shop.ended) == ("budget", 1, ["seconds"])


@pytest.mark.parametrize(("asked", "pause"), [(7.0, 7.0), (None, 0.0), (3600.0, 60.0)])
async def test_a_backend_decides_how_long_the_pause_is(
    monkeypatch: pytest.MonkeyPatch, asked: float | None, pause: float
) -> None:
    """The pause is at least as long as a backend asks for, and never longer than a minute."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    result = await ask(failing("rate_limit", retryable=True, retry_after=asked), REQUEST, free)
    assert isinstance(result, Failed)
    assert result.attempts == retry.MAX_ATTEMPTS
    assert pauses == [pause] * (retry.MAX_ATTEMPTS - 1)


async def test_pauses_grow_with_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    """By default each pause is twice the one before it, with up to half a second of jitter."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(retry, "WAIT", DEFAULT_WAIT)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    for _ in range(50):
        await ask(failing("connection", retryable=True), REQUEST, free)
    for number, shortest in enumerate((0.5, 1.0, 2.0)):
        nth = pauses[number :: retry.MAX_ATTEMPTS - 1]
        assert shortest <= min(nth) < max(nth) <= shortest + 0.5


async def test_jitter_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result of a call, which the log records, does not depend on the pauses between its attempts."""
    results = []
    for wait in (wait_none(), wait_random(0.0, 0.01)):
        monkeypatch.setattr(retry, "WAIT", wait)
        results.append(await ask(failing("timeout", retryable=True), REQUEST, free))
    assert results[0] == results[1]


async def test_seconds_held_back_are_not_given_to_the_search() -> None:
    """A request of the search is abandoned when only the seconds of the final comparison are left."""
    shop = Shop(seconds=1000.0)
    shop.gate.ledger.seconds_held_back = 999.95
    endless = ScriptedModel(lambda _request: "late", delay=lambda _request: 1e6)
    result = await shop.ask(endless)
    assert isinstance(result, Failed)
    assert (result.cause, shop.ended) == ("budget", ["seconds"])
