"""OpenAIModel with a server that fails in every way that the client must distinguish."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from openai_serving import KEY, Endpoint, completion, failure_of, serving

from transfer_prompting.agents.models.base import Model, ModelError
from transfer_prompting.agents.models.openai.model import OpenAIModel


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with serving() as endpoint:
        yield endpoint


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, timeout=30)
    yield model
    await model.close()


async def test_reply_carries_text_finish_and_counts(model: OpenAIModel, ask: Any) -> None:
    """Text, finish reason and token counts come from the endpoint's response."""
    reply = await model.reply(ask())
    assert (reply.text, reply.finish) == ("hello", "stop")
    assert (reply.prompt_tokens, reply.completion_tokens) == (11, 3)


async def test_all_fields_of_a_request_are_sent(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
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
    """Seed, stop strings and key are left out of the request if they are not set."""
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
        (404, "not_found", False),
        (413, "context_length", False),
        (408, "timeout", True),
        (422, "bad_request", False),
        (500, "server_error", True),
        (503, "server_error", True),
        (302, "malformed_reply", True),
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
    """A 429 with the code insufficient_quota is not retryable."""
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
async def test_wrong_model_quotes_the_server(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, body: Any
) -> None:
    """The server's message is quoted from any of the fields in which servers put it."""
    endpoint.handler = endpoint.respond(body, 404)
    error = await failure_of(model, ask())
    assert error.cause == "not_found"
    assert error.message.endswith("404: No model 'tiny'. It offers: large, small.")


async def test_wrong_model_at_a_server_without_a_list(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """If the endpoint does not list its models, the message ends with the server's own."""
    endpoint.handler, endpoint.offered = endpoint.respond("No such model.", 404), []
    assert (await failure_of(model, ask())).message.endswith("404: No such model.")


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ({"code": "context_length_exceeded", "message": "m"}, "context_length"),
        ({"type": "exceed_context_size_error", "message": "m"}, "context_length"),
        ({"message": "This model's maximum context length is 512 tokens."}, "context_length"),
        ({"code": "content_filter", "message": "m"}, "content_filter"),
        ({"code": "model_not_found", "message": "m"}, "not_found"),
        ({"code": "insufficient_quota", "message": "m"}, "quota"),
        ({"code": "invalid_api_key", "message": "m"}, "authentication"),
        ({"code": 400, "message": "m"}, "bad_request"),
    ],
)
async def test_code_of_an_error_overrides_its_status(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, error: dict[str, Any], cause: str
) -> None:
    """The body of a 400 distinguishes several causes, none of which is retryable."""
    endpoint.handler = endpoint.respond({"error": error}, 400)
    failure = await failure_of(model, ask())
    assert (failure.cause, failure.retryable) == (cause, False)


@pytest.mark.parametrize(
    ("code", "cause"), [(503, "server_error"), (401, "authentication"), ("x", "server_error")]
)
async def test_error_with_status_200_is_an_error(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, code: Any, cause: str
) -> None:
    """Some services return another service's error with status 200."""
    endpoint.handler = endpoint.respond({"error": {"code": code, "message": "upstream"}})
    failure = await failure_of(model, ask())
    assert failure.cause == cause
    assert "upstream" in failure.message


async def test_other_name_of_max_tokens_is_tried(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A model that refuses max_tokens gets max_completion_tokens, from then on in every request."""
    refusal = {"error": {"message": "Unsupported: 'max_tokens'. Use 'max_completion_tokens' instead."}}
    endpoint.handler = endpoint.in_turn(endpoint.respond(refusal, 400), endpoint.respond(completion()))
    await model.reply(ask(max_tokens=7))
    await model.reply(ask(max_tokens=7))
    assert [body.get("max_completion_tokens") for body, _ in endpoint.requests] == [None, 7, 7]


async def test_schema_is_sent_as_response_format(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A request's JSON schema is sent as a response format, which is strict only if the schema allows it."""
    closed = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    for schema, strict in (({"type": "object"}, False), (closed, True)):
        await model.reply(ask(json_schema=json.dumps(schema)))
        sent = endpoint.requests[-1][0]["response_format"]
        assert sent["json_schema"]["schema"] == schema
        assert (sent["type"], sent["json_schema"]["strict"]) == ("json_schema", strict)


async def test_redirection_is_not_followed(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """The key is never sent to the target of a redirection."""
    endpoint.handler = endpoint.respond("", 307, {"Location": "/elsewhere"})
    assert (await failure_of(model, ask())).cause == "malformed_reply"
    assert len(endpoint.requests) == 1


async def test_key_is_trimmed_and_checked(endpoint: Endpoint, ask: Any) -> None:
    """A trailing newline is removed; a key that no header can hold is an authentication failure."""
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY + "\n")
    await model.reply(ask())
    await model.close()
    assert endpoint.requests[0][1]["Authorization"] == f"Bearer {KEY}"
    model = OpenAIModel("tiny", endpoint.url, api_key=f"{KEY}\n\tmore")
    assert (await failure_of(model, ask())).cause == "authentication"
    await model.close()


async def test_key_quoted_by_the_server_is_hidden(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """An error message that repeats the key is shown without it."""
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
    ],
)
async def test_incomplete_reply_is_malformed(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, body: Any
) -> None:
    """Truncated JSON, an empty body, and missing or mistyped fields have one retryable cause."""
    endpoint.handler = endpoint.respond(body)
    error = await failure_of(model, ask())
    assert (error.cause, error.retryable) == ("malformed_reply", True)


@pytest.mark.parametrize(
    ("reason", "finish"), [("stop", "stop"), ("length", "length"), ("tool_calls", "stop"), (None, "stop")]
)
async def test_finish_reason_is_kept(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, reason: str, finish: str
) -> None:
    """Known finish reasons are kept, and all others become "stop"."""
    endpoint.handler = endpoint.respond(completion(finish=reason))
    assert (await model.reply(ask())).finish == finish


@pytest.mark.parametrize(
    ("reason", "cause"), [("content_filter", "content_filter"), ("error", "server_error")]
)
@pytest.mark.parametrize("content", [None, "half an ans"])
async def test_answer_that_was_cut_off_is_a_failure(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, reason: str, cause: str, content: str | None
) -> None:
    """An answer that a filter or a server error cut off is a failure, with or without text."""
    endpoint.handler = endpoint.respond(completion(content, reason))
    assert (await failure_of(model, ask())).cause == cause


async def test_reasoning_that_uses_up_the_tokens_leaves_an_empty_text(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """A missing text at max_tokens is an empty answer, not a failure."""
    endpoint.handler = endpoint.respond(completion(None, "length"))
    reply = await model.reply(ask())
    assert (reply.text, reply.finish) == ("", "length")


async def test_refusal_is_a_reply(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A refusal in place of the text becomes the reply's text."""
    body = completion(None)
    body["choices"][0]["message"]["refusal"] = "I won't."
    endpoint.handler = endpoint.respond(body)
    assert (await model.reply(ask())).text == "I won't."


@pytest.mark.parametrize(
    ("details", "cached"),
    [
        ({"cached_tokens": 8}, 8),
        ({"cached_tokens": 99}, 11),
        ({"cached_tokens": None}, 0),
        (None, 0),
        ({}, 0),
    ],
)
async def test_cached_tokens_are_reported(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, details: Any, cached: int
) -> None:
    """Cached tokens come from the server, never exceed the prompt's tokens, and are 0 if unknown."""
    body = completion()
    body["usage"]["prompt_tokens_details"] = details
    endpoint.handler = endpoint.respond(body)
    assert (await model.reply(ask())).cached_tokens == cached


async def test_truncated_body_is_a_connection_failure(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """A connection that closes before the announced length is a retryable connection failure."""

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


async def test_refused_connection_is_a_connection_failure(ask: Any) -> None:
    """The error for a refused connection advises to start the server."""
    model = OpenAIModel("tiny", f"http://127.0.0.1:{unused_port()}/v1", api_key=KEY)
    error = await failure_of(model, ask())
    await model.close()
    assert (error.cause, error.retryable) == ("connection", True)
    assert "Start the server" in error.advice


@pytest.mark.parametrize("host", ["a..b", "x" * 300, "exa mple"])
async def test_name_that_no_host_can_have_is_a_connection_failure(ask: Any, host: str) -> None:
    """A host whose name cannot even be looked up is one that cannot be reached."""
    model = OpenAIModel("tiny", f"http://{host}.invalid/v1", api_key=KEY)
    assert (await failure_of(model, ask())).cause == "connection"
    await model.close()


async def test_silence_is_a_timeout(endpoint: Endpoint, ask: Any) -> None:
    """An endpoint that never answers causes a retryable timeout, whose message gives the seconds."""
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


async def test_options_are_refused_without_a_request(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """A request with options is not sent to an endpoint that cannot score them."""
    error = await failure_of(model, ask(options=("a",)))
    assert (error.cause, endpoint.requests) == ("not_supported", [])


async def test_connections_are_reused(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """Consecutive requests use the same connection."""
    peers = set()

    async def record(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        peers.add(request.transport.get_extra_info("peername"))
        return web.json_response(completion())

    endpoint.handler = record
    for _ in range(3):
        await model.reply(ask())
    assert len(peers) == 1


async def test_closing_twice_or_unused_is_harmless() -> None:
    """A model that was never used can be closed, even twice."""
    model = OpenAIModel("tiny", "http://127.0.0.1:1/v1", api_key=None)
    await model.close()
    await model.close()


def test_identity_holds_no_secret() -> None:
    """Identity and repr contain neither the key nor credentials nor the query."""
    model = OpenAIModel("tiny", "https://user:hunter2@host:81/v1/?token=hunter3#x", api_key=KEY)
    assert model.identity == "openai:https://host:81/v1:tiny"
    assert "hunter" not in repr(model)
    assert KEY not in repr(model)
    assert isinstance(model, Model)


@pytest.mark.parametrize("url", ["", "localhost:8000/v1", "ftp://host/v1", "http://"])
def test_address_must_be_http(url: str) -> None:
    """An address that is not http or https is refused by the constructor."""
    with pytest.raises(ModelError, match="base_url") as caught:
        OpenAIModel("tiny", url, api_key=None)
    assert caught.value.cause == "bad_request"


async def test_proxy_of_the_environment_is_used(
    endpoint: Endpoint, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request to another machine uses the proxy that the environment names."""
    for name in ("NO_PROXY", "no_proxy", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", endpoint.url.removesuffix("/v1"))
    model = OpenAIModel("tiny", "http://models.example/v1", api_key=KEY)
    await model.reply(ask())
    await model.close()
    assert endpoint.requests[0][1]["Host"] == "models.example"


async def test_no_proxy_is_used_for_this_machine(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests to 127.0.0.1 use no proxy, whatever the environment says."""
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port()}")
    await model.reply(ask())
    assert len(endpoint.requests) == 1
