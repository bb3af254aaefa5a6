"""OpenAIModel against a server that misbehaves in every way the client must tell apart."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from transfer_prompting.agents.models.base import Model, ModelError
from transfer_prompting.agents.models.openai import OpenAIModel

KEY = "sk-very-secret"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def completion(content: Any = "hello", finish: str = "stop") -> dict[str, Any]:
    """Return a well-formed chat completion."""
    return {
        "choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": finish}],
        "usage": {"prompt_tokens": 11, "completion_tokens": 3},
    }


class Endpoint:
    """A server whose one route can be given any behaviour, and which notes what it was sent."""

    def __init__(self) -> None:
        self.handler: Handler = self.respond(completion())
        self.requests: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.url = ""

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((await request.json(), dict(request.headers)))
        return await self.handler(request)

    @staticmethod
    def respond(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
        text = body if isinstance(body, str) else json.dumps(body)

        async def handler(_: web.Request) -> web.StreamResponse:
            return web.Response(text=text, status=status, headers=headers)

        return handler


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    endpoint = Endpoint()
    app = web.Application()
    app.router.add_post("/v1/chat/completions", endpoint.serve)
    async with TestServer(app, host="127.0.0.1") as server:
        endpoint.url = str(server.make_url("/v1"))
        yield endpoint


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, timeout=30)
    yield model
    await model.close()


async def failure_of(model: OpenAIModel, request: Any) -> ModelError:
    """Return the error the request comes to, having checked that it keeps the key to itself."""
    with pytest.raises(ModelError) as caught:
        await model.reply(request)
    assert KEY not in repr(caught.value) + str(caught.value) + str(caught.value.advice)
    return caught.value


async def test_reply_carries_text_finish_and_counts(model: OpenAIModel, ask: Any) -> None:
    """Text, reason of the end and token counts are the endpoint's."""
    reply = await model.reply(ask())
    assert (reply.text, reply.finish) == ("hello", "stop")
    assert (reply.prompt_tokens, reply.completion_tokens) == (11, 3)


async def test_everything_that_decides_the_reply_is_sent(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """The request's fields and the key reach the endpoint."""
    await model.reply(ask("q", system="s", max_tokens=5, temperature=0.5, seed=3, stop=("\n",)))
    body, headers = endpoint.requests[0]
    assert body == {
        "model": "tiny",
        "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}],
        "max_tokens": 5,
        "temperature": 0.5,
        "seed": 3,
        "stop": ["\n"],
    }
    assert headers["Authorization"] == f"Bearer {KEY}"


async def test_unset_fields_are_not_sent(endpoint: Endpoint, ask: Any) -> None:
    """Seed, stop strings and key stay out of the request where there are none."""
    model = OpenAIModel("tiny", endpoint.url, api_key=None)
    await model.reply(ask())
    await model.close()
    body, headers = endpoint.requests[0]
    assert set(body) == {"model", "messages", "max_tokens", "temperature"}
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("status", "cause", "retryable"),
    [
        (400, "bad_request", False),
        (401, "authentication", False),
        (402, "quota", False),
        (403, "authentication", False),
        (404, "bad_request", False),
        (408, "timeout", True),
        (422, "bad_request", False),
        (429, "rate_limit", True),
        (500, "server_error", True),
        (503, "server_error", True),
        (204, "malformed_reply", True),
    ],
)
async def test_status_names_the_cause(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, status: int, cause: str, retryable: bool
) -> None:
    """Each status maps to one cause, and the message quotes the status."""
    endpoint.handler = endpoint.respond("", status)
    error = await failure_of(model, ask())
    assert (error.cause, error.retryable) == (cause, retryable)
    assert str(status) in error.message
    assert error.advice


async def test_used_up_quota_is_no_rate_limit(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A 429 whose code is insufficient_quota is not worth a retry."""
    endpoint.handler = endpoint.respond(
        {"error": {"message": "You ran out.", "code": "insufficient_quota"}}, 429
    )
    error = await failure_of(model, ask())
    assert (error.cause, error.retryable) == ("quota", False)


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "No model 'tiny'."}},
        {"error": "No model 'tiny'."},
        {"message": "No model 'tiny'."},
        {"detail": "No model 'tiny'."},
        "No model 'tiny'.",
    ],
)
async def test_wrong_model_is_told_in_the_servers_words(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, body: Any
) -> None:
    """The server's own message is quoted from whatever place it stands in."""
    endpoint.handler = endpoint.respond(body, 404)
    error = await failure_of(model, ask())
    assert error.cause == "bad_request"
    assert error.message.endswith("404: No model 'tiny'.")


async def test_wait_asked_for_by_the_server_is_told(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """The Retry-After header is part of the message."""
    endpoint.handler = endpoint.respond("slow down", 429, {"Retry-After": "7"})
    assert "wait 7 s" in (await failure_of(model, ask())).message


async def test_key_quoted_by_the_server_is_hidden(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A complaint that repeats the key is shown without it."""
    endpoint.handler = endpoint.respond({"error": {"message": f"Bad key {KEY}"}}, 401)
    assert "[key]" in (await failure_of(model, ask())).message


@pytest.mark.parametrize(
    "body",
    [
        "",
        '{"choices": [{"mess',
        "[]",
        "null",
        {},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": [{"message": {}}]},
        completion(content=None),
        completion(content=[1]),
        {"choices": completion()["choices"]},
        {"choices": completion()["choices"], "usage": {"prompt_tokens": -1, "completion_tokens": "3"}},
    ],
)
async def test_reply_without_its_parts_is_malformed(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, body: Any
) -> None:
    """Truncated JSON, an empty body, and missing or mistyped fields are one retryable cause."""
    endpoint.handler = endpoint.respond(body)
    error = await failure_of(model, ask())
    assert (error.cause, error.retryable) == ("malformed_reply", True)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("stop", "stop"), ("length", "length"), ("content_filter", "content_filter"), ("tool_calls", "stop")],
)
async def test_finish_reason_is_kept(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, reason: str, finish: str
) -> None:
    """Reasons the project knows are kept, and all others are an ordinary stop."""
    endpoint.handler = endpoint.respond(completion(finish=reason))
    assert (await model.reply(ask())).finish == finish


async def test_filtered_answer_may_lack_text(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A filtered answer without text is a reply with empty text."""
    endpoint.handler = endpoint.respond(completion(content=None, finish="content_filter"))
    assert (await model.reply(ask())).text == ""


async def test_break_in_mid_body_is_a_connection_failure(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """A connection that ends before the promised length is a retryable connection failure."""

    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"choices": [')
        assert request.transport is not None
        request.transport.abort()
        return response

    endpoint.handler = broken
    error = await failure_of(model, ask())
    assert (error.cause, error.retryable) == ("connection", True)


async def test_nobody_listening_is_a_connection_failure(ask: Any) -> None:
    """A refused connection advises to start the server."""
    model = OpenAIModel("tiny", f"http://127.0.0.1:{unused_port()}/v1", api_key=KEY)
    error = await failure_of(model, ask())
    await model.close()
    assert (error.cause, error.retryable) == ("connection", True)
    assert "Start the server" in error.advice


async def test_silence_is_a_timeout(endpoint: Endpoint, ask: Any) -> None:
    """An endpoint that never answers ends in a retryable timeout that names the seconds."""
    released = asyncio.Event()

    async def silent(_: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    endpoint.handler = silent
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, timeout=0.05)
    error = await failure_of(model, ask())
    released.set()
    await model.close()
    assert (error.cause, error.retryable) == ("timeout", True)
    assert "0.05 s" in error.message


async def test_options_are_refused_without_asking(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A request with options never reaches the endpoint."""
    error = await failure_of(model, ask(options=("a",)))
    assert (error.cause, endpoint.requests) == ("not_supported", [])


async def test_connections_are_kept_for_later_requests(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """Requests one after the other go through the same connection."""
    peers = set()

    async def note(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.json_response(completion())

    endpoint.handler = note
    for _ in range(3):
        await model.reply(ask())
    assert len(peers) == 1


async def test_closing_twice_or_unused_is_harmless() -> None:
    """A model that was never used closes, and closes again."""
    model = OpenAIModel("tiny", "http://127.0.0.1:1/v1", api_key=None)
    await model.close()
    await model.close()


def test_identity_holds_no_secret() -> None:
    """Neither key nor credentials nor query enter identity or repr."""
    model = OpenAIModel("tiny", "https://user:hunter2@host:81/v1/?token=hunter3#x", api_key=KEY)
    assert model.identity == "openai:https://host:81/v1:tiny"
    assert "hunter" not in repr(model)
    assert KEY not in repr(model)
    assert isinstance(model, Model)


@pytest.mark.parametrize("url", ["", "localhost:8000/v1", "ftp://host/v1", "http://"])
def test_address_must_be_http(url: str) -> None:
    """An address that can't be asked is refused when the model is made."""
    with pytest.raises(ModelError, match="base_url") as caught:
        OpenAIModel("tiny", url, api_key=None)
    assert caught.value.cause == "bad_request"
