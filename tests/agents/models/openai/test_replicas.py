"""OpenAIModel with several replicas: least loaded first, warm caches preferred, dead replicas avoided."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from openai_serving import KEY, Endpoint, completion, failure_of, serving
from tenacity import wait_random_exponential

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.openai import router
from transfer_prompting.agents.models.openai.model import OpenAIModel


@pytest.fixture
async def two() -> AsyncIterator[list[Endpoint]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serving()) for _ in range(2)]


@pytest.fixture
async def model(two: list[Endpoint], monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIModel]:
    monkeypatch.setattr(router, "PROBE_WAIT", wait_random_exponential(0.01, max=30))
    model = OpenAIModel("tiny", [one.url for one in two], api_key=KEY, concurrency=64)
    yield model
    await model.close()


def hold_requests(endpoints: list[Endpoint], count: int) -> list[int]:
    """Let the endpoints answer once `count` requests are in flight; return the number at each endpoint."""
    together = asyncio.Event()
    received = [0] * len(endpoints)

    def handler_of(index: int) -> Any:
        async def handler(_: web.Request) -> web.StreamResponse:
            received[index] += 1
            if sum(received) == count:
                together.set()
            await together.wait()
            return web.json_response(completion())

        return handler

    for index, endpoint in enumerate(endpoints):
        endpoint.handler = handler_of(index)
    return received


async def test_load_is_shared_equally(model: OpenAIModel, two: list[Endpoint], ask: Any) -> None:
    """Requests without a common prefix are spread evenly."""
    received = hold_requests(two, count=12)
    await asyncio.gather(*(model.reply(ask(f"{n} is a number.")) for n in range(12)))
    assert received == [6, 6]


async def test_requests_with_a_common_prefix_share_a_replica(
    model: OpenAIModel, two: list[Endpoint], ask: Any
) -> None:
    """A prompt stays with the replica that has it in its cache if the other one is equally idle."""
    received = hold_requests(two, count=2)
    prompts = ("You are the first.", "You are the second.")
    await asyncio.gather(*(model.reply(ask("0", system=prompt)) for prompt in prompts))
    assert received == [1, 1]
    for n in range(1, 5):
        for prompt in prompts:
            await model.reply(ask(str(n), system=prompt))
    for prompt in prompts:
        counts = [sum(prompt in str(body) for body, _ in one.requests) for one in two]
        assert sorted(counts) == [0, 5]


async def test_a_warm_cache_is_not_worth_a_queue(model: OpenAIModel, two: list[Endpoint], ask: Any) -> None:
    """Many simultaneous requests with one prefix use both replicas."""
    received = hold_requests(two, count=12)
    await asyncio.gather(*(model.reply(ask(f"{n}", system="s")) for n in range(12)))
    assert abs(received[0] - received[1]) <= 5
    assert min(received) > 0


async def test_identity_does_not_depend_on_the_replica(model: OpenAIModel, two: list[Endpoint]) -> None:
    """The first address enters the model's identity."""
    assert model.identity == f"openai:{two[0].url}:tiny"


async def test_dead_replica_costs_no_reply(two: list[Endpoint], ask: Any) -> None:
    """Requests of an unreachable replica go to the other one."""
    dead = f"http://127.0.0.1:{unused_port()}/v1"
    model = OpenAIModel("tiny", [dead, two[0].url], api_key=KEY)
    replies = await asyncio.gather(*(model.reply(ask(str(n))) for n in range(20)))
    await model.close()
    assert len(replies) == len(two[0].requests) == 20


async def test_all_replicas_dead_is_one_failure(ask: Any) -> None:
    """A connection failure lists all addresses, and the next request tries them again."""
    ports = [unused_port(), unused_port()]
    model = OpenAIModel("tiny", [f"http://127.0.0.1:{port}/v1" for port in ports], api_key=KEY)
    for _ in range(2):
        error = await failure_of(model, ask())
        assert (error.cause, error.retryable) == ("connection", True)
        assert all(str(port) in error.message for port in ports)
    async with serving(port=ports[1]):
        assert (await model.reply(ask())).text == "hello"
    await model.close()


async def test_replica_that_only_fails_is_avoided(two: list[Endpoint], ask: Any) -> None:
    """A broken replica, which is always the least loaded, gets no request after three failures."""
    broken, sound = two
    broken.handler = broken.respond("", 500)
    model = OpenAIModel("tiny", [one.url for one in two], api_key=KEY)
    results = [await asyncio.gather(model.reply(ask(str(n))), return_exceptions=True) for n in range(10)]
    await model.close()
    assert [isinstance(result, ModelError) for (result,) in results] == [True] * 3 + [False] * 7
    assert (len(broken.requests), len(sound.requests)) == (3, 7)


async def test_replica_that_answers_a_probe_is_used_again(
    model: OpenAIModel, two: list[Endpoint], ask: Any
) -> None:
    """A replica that is down is probed from time to time, and used again when it answers."""
    first, _ = two
    first.handler = first.respond("", 500)
    for n in range(3):
        await failure_of(model, ask(str(n)))
    first.handler = first.respond(completion("back"))
    await first.asked_for_models.wait()
    first.asked.clear()
    while not first.asked.is_set():
        await model.reply(ask("one more"))
    assert len(first.requests) == 4


async def test_rate_limit_of_one_replica_sends_requests_to_the_other(
    model: OpenAIModel, two: list[Endpoint], ask: Any
) -> None:
    """Only the replica that sent a rate limit is paused."""
    two[0].handler = two[0].respond("", 429, {"Retry-After": "3600"})
    replies = await asyncio.gather(*(model.reply(ask(f"{n} is a number.")) for n in range(10)))
    assert len(replies) == 10
    assert len(two[1].requests) == 10
