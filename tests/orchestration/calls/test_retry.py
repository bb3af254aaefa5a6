"""One round of asking a model: what each attempt costs, and when there is no further one."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from hanging import no_hanging  # noqa: F401 - a fixture
from tenacity import wait_none

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
from transfer_prompting.orchestration.calls.retry import Answered, Failed, ask
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings, Limit

REQUEST = ModelRequest(messages=(ChatMessage(role="user", content="Is it so?"),))
WORST = Tariff().most(REQUEST)


class Shop:
    """A till with ample limits; `ended` are those that it has been told of."""

    def __init__(self, **limits: float) -> None:
        self.ended: list[Limit] = []
        began = time.monotonic()
        budget = BudgetSettings.model_validate({"calls": 1000, **limits})
        self.gate = BudgetGate(Ledger(budget, {}), lambda: time.monotonic() - began, self.ended.append)

    async def ask(self, model: Model, request: ModelRequest = REQUEST) -> Answered | Failed:
        """What one round comes to; afterwards nothing is reserved any more."""
        result = await ask(model, request, lambda sent: self.gate.pay("scorer", sent, 0.0))
        assert self.gate.ledger.reserved == Cost()
        return result

    @property
    def spent(self) -> Cost:
        return self.gate.ledger.spent


def failing(cause: FailureCause, **more: Any) -> ScriptedModel:
    """A model that fails in one way."""
    return ScriptedModel(lambda _request: ModelError(cause, "No.", **more))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


@pytest.mark.parametrize(
    "cause",
    ["timeout", "connection", "malformed_reply", "crash", "server_error", "content_filter", "bad_request"],
)
async def test_what_may_be_billed_is_charged_in_full(cause: FailureCause) -> None:
    """Where the backend may have done some of the work, the attempt costs the most that it could."""
    shop = Shop()
    result = await shop.ask(failing(cause))
    assert (result.attempts, result.unsettled, shop.spent) == (1, 1, WORST)


@pytest.mark.parametrize("cause", ["authentication", "quota", "rate_limit", "not_found", "not_supported"])
async def test_a_request_that_is_turned_away_costs_a_call(cause: FailureCause) -> None:
    """A backend that refuses before it does any work bills no tokens."""
    shop = Shop()
    result = await shop.ask(failing(cause))
    assert (result.attempts, result.unsettled, shop.spent) == (1, 0, Cost(calls=1))


async def test_the_model_knows_better_than_the_cause() -> None:
    """Work that was certainly done is charged whatever the cause, and what was not sent costs nothing."""
    shop = Shop()
    assert (await shop.ask(failing("rate_limit", sent=True))).unsettled == 1
    assert shop.spent == WORST
    shop = Shop()
    unsent = await shop.ask(failing("connection", sent=False, retryable=True))
    assert (unsent.attempts, unsent.unsettled, shop.spent) == (0, 0, Cost())


async def test_every_attempt_is_paid() -> None:
    """Attempts that fail are charged beside the one that is answered."""
    replies: list[Any] = [ModelError("server_error", "No.", retryable=True)] * 2
    replies.append(ModelReply(text="yes", finish="stop", prompt_tokens=5, completion_tokens=2))
    shop = Shop()
    result = await shop.ask(ScriptedModel(lambda _request: replies.pop(0)))
    assert isinstance(result, Answered)
    assert (result.attempts, result.unsettled) == (3, 2)
    assert shop.spent == WORST * 2 + Cost(tokens=7, calls=1)


async def test_a_refused_connection_costs_nothing() -> None:
    """Where no connection can be made nothing was sent, however often it was tried."""
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
    """The till after one round with a server that answers so."""

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
    """What the client sends again after a refusal is one call, and costs what its reply says."""
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
    """Where a server wants to be left alone for longer than may be waited, it has taken on nothing."""
    refusal = {"status": 429, "headers": {"Retry-After": "3600"}}
    shop = await served(lambda _body: web.json_response({}, **refusal), REQUEST, max_wait=1.0)  # type: ignore[arg-type]
    assert shop.spent == Cost()


async def test_options_before_the_one_that_failed_are_charged() -> None:
    """Where a server is asked for each option and refuses the second, the first was paid."""
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
    """A request that never ends is given up when the seconds are over, and charged in full."""
    shop = Shop(seconds=0.05)
    result = await shop.ask(ScriptedModel(lambda _request: "late", delay=lambda _request: 1e6))
    assert isinstance(result, Failed)
    assert (result.cause, result.attempts, result.unsettled) == ("budget", 1, 1)
    assert (shop.spent, shop.ended) == (WORST, ["seconds"])


async def test_a_pause_does_not_outlast_the_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a backend wants to be left alone, nobody waits for it beyond the seconds."""
    monkeypatch.setattr(retry, "_LONGEST_PAUSE", 1e6)
    shop = Shop(seconds=0.05)
    result = await shop.ask(failing("server_error", retryable=True, retry_after=1e6))
    assert isinstance(result, Failed)
    assert (result.cause, result.attempts, shop.ended) == ("budget", 1, ["seconds"])


async def test_seconds_held_back_are_not_given_to_the_search() -> None:
    """A request of the search is given up when only what is held back for the comparison is left."""
    shop = Shop(seconds=1000.0)
    shop.gate.ledger.seconds_held_back = 999.95
    endless = ScriptedModel(lambda _request: "late", delay=lambda _request: 1e6)
    result = await shop.ask(endless)
    assert isinstance(result, Failed)
    assert (result.cause, shop.ended) == ("budget", ["seconds"])
