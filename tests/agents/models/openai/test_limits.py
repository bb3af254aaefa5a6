"""OpenAIModel waits for rate limits, together for all requests and not longer than max_wait."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from aiohttp import web
from openai_serving import KEY, Endpoint, completion, failure_of, serving
from tenacity import wait_random_exponential

from transfer_prompting.agents.models.openai import endpoint as openai_endpoint
from transfer_prompting.agents.models.openai.model import OpenAIModel
from transfer_prompting.agents.models.openai.transport import parse_retry_after


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with serving() as endpoint:
        yield endpoint


@pytest.fixture
async def model(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenAIModel]:
    monkeypatch.setattr(openai_endpoint, "RATE_LIMIT_WAIT", wait_random_exponential(0.001, max=30))
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, concurrency=8, max_wait=30)
    yield model
    await model.close()


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (429, "slow down", {}),
        (429, {"error": {"code": "rate_limit_exceeded", "message": "m"}}, {"Retry-After": "0.01"}),
        (429, "", {"Retry-After": "soon"}),
        (529, {"error": {"type": "overloaded_error"}}, {}),
        (503, "", {"Retry-After": "0.01"}),
        (503, {"error": {"message": "Loading model", "type": "unavailable_error"}}, {}),
    ],
)
async def test_rate_limit_is_waited_for(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, status: int, body: Any, headers: dict[str, str]
) -> None:
    """A request that meets a rate limit or a loading server is sent again until it is answered."""
    busy = endpoint.respond(body, status, headers)
    endpoint.handler = endpoint.in_turn(busy, busy, busy, endpoint.respond(completion("at last")))
    assert (await model.reply(ask())).text == "at last"
    assert len(endpoint.requests) == 4


async def test_server_error_is_not_waited_for(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A 503 without Retry-After is a failure, which the caller may retry."""
    endpoint.handler = endpoint.respond("", 503)
    error = await failure_of(model, ask())
    assert (error.cause, error.retryable, len(endpoint.requests)) == ("server_error", True, 1)


async def test_used_up_quota_is_not_waited_for(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A 429 with the code insufficient_quota is a failure that is not retryable."""
    endpoint.handler = endpoint.respond({"error": {"message": "m", "code": "insufficient_quota"}}, 429)
    error = await failure_of(model, ask())
    assert (error.cause, error.retryable, len(endpoint.requests)) == ("quota", False, 1)


async def test_wait_beyond_max_wait_fails_immediately(endpoint: Endpoint, ask: Any) -> None:
    """If the server asks for an hour, requests that would have to wait that long fail without being sent."""
    endpoint.handler = endpoint.respond("", 429, {"Retry-After": "3600"})
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, max_wait=30)
    for _ in range(2):
        error = await failure_of(model, ask())
        assert (error.cause, error.retryable) == ("rate_limit", False)
        assert error.retry_after == pytest.approx(3600, abs=60)
        assert "max_wait of 30 s" in error.message
    await model.close()
    assert len(endpoint.requests) == 1


async def test_rate_limit_that_never_passes_ends_at_max_wait(
    endpoint: Endpoint, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All waiting requests fail together, not one after the other."""
    monkeypatch.setattr(openai_endpoint, "RATE_LIMIT_WAIT", wait_random_exponential(0.01, max=30))
    endpoint.handler = endpoint.respond("", 429)
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, max_wait=0.2, concurrency=2)
    errors = await asyncio.gather(*(failure_of(model, ask(str(n))) for n in range(6)))
    await model.close()
    assert {error.cause for error in errors} == {"rate_limit"}


async def test_concurrency_adapts_to_the_server(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A server that takes two requests at a time answers all forty, and refuses fewer than forty."""
    in_flight = refused = most = 0

    async def narrow(_: web.Request) -> web.StreamResponse:
        nonlocal in_flight, refused, most
        if in_flight >= 2:
            refused += 1
            return web.Response(status=429)
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(0.005)
        in_flight -= 1
        return web.json_response(completion())

    endpoint.handler = narrow
    replies = await asyncio.gather(*(model.reply(ask(str(n))) for n in range(40)))
    assert len(replies) == 40
    assert most == 2
    assert refused < 40


async def test_concurrency_is_limited(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """Requests beyond `concurrency` wait in the client, in their order."""
    in_flight = most = 0
    order = []

    async def slow(request: web.Request) -> web.StreamResponse:
        nonlocal in_flight, most
        order.append(int((await request.json())["messages"][0]["content"]))
        in_flight += 1
        most = max(most, in_flight)
        await asyncio.sleep(0.01)
        in_flight -= 1
        return web.json_response(completion())

    endpoint.handler = slow
    await asyncio.gather(*(model.reply(ask(str(n))) for n in range(40)))
    assert most <= 8
    assert all(index // 8 <= n // 8 + 1 for index, n in enumerate(order))


async def test_cancelled_request_blocks_no_other(endpoint: Endpoint, ask: Any) -> None:
    """A cancelled request gives up its place, whether it was waiting or in flight."""
    released = asyncio.Event()

    async def silent(_: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.json_response(completion())

    endpoint.handler = silent
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, concurrency=1)
    tasks = [asyncio.create_task(model.reply(ask(str(n)))) for n in range(4)]
    await endpoint.asked.wait()
    for task in tasks[:3]:
        task.cancel()
    released.set()
    assert (await tasks[3]).text == "hello"
    await asyncio.gather(*tasks, return_exceptions=True)
    await model.close()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("soon", None), ("nan", None), ("inf", None)],
)
def test_retry_after_in_seconds(header: str, seconds: float | None) -> None:
    """A number is read as seconds; a text that is neither a number nor a date is ignored."""
    assert parse_retry_after(header) == seconds


def test_retry_after_as_a_date() -> None:
    """An HTTP date is read as the seconds until then, or 0 if it has passed."""
    now = datetime.now(UTC)
    assert parse_retry_after(format_datetime(now + timedelta(seconds=100), usegmt=True)) == pytest.approx(
        100, abs=5
    )
    assert parse_retry_after(format_datetime(now - timedelta(hours=1), usegmt=True)) == 0
