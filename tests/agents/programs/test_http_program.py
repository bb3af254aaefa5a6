"""Endpoints as programs, with a real server on 127.0.0.1."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from openai_serving import Endpoint, serving
from program_asking import Asked
from pydantic import ValidationError

from transfer_prompting.agents.programs.base import Program
from transfer_prompting.agents.programs.failure import ProgramFailed
from transfer_prompting.agents.programs.outside import program_for
from transfer_prompting.prompts.program import ProgramSettings

ROW = {"question": "Who built the tower? \N{SNOWMAN}"}
TEXTS = {"find": "Find it.", "answer": "Answer."}


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with serving() as served:
        yield served


def program_at(url: str, **settings: Any) -> Program:
    return program_for(ProgramSettings(url=url, **settings))


async def run(endpoint: Endpoint) -> tuple[Any, Asked]:
    asked = Asked(lambda request: "")
    return await program_at(endpoint.url).run(ROW, TEXTS, asked), asked


async def failure(url: str, **settings: Any) -> str:
    with pytest.raises(ProgramFailed) as caught:
        await program_at(url, **settings).run(ROW, TEXTS, Asked(lambda request: ""))
    return str(caught.value)


async def test_row_and_texts_are_posted(endpoint: Endpoint) -> None:
    """The endpoint gets the row and the texts as JSON, and any JSON value may come back as the output."""
    endpoint.handler = endpoint.respond({"output": ["Berg", 1800], "seconds": 0.2})
    output, asked = await run(endpoint)
    assert output == ["Berg", 1800]
    assert asked.steps == []
    [(body, headers)] = endpoint.requests
    assert body == {"example": ROW, "prompts": TEXTS}
    assert headers["Content-Type"] == "application/json"


async def test_trace_and_usage_are_noted(endpoint: Endpoint) -> None:
    """The endpoint's own calls become steps of the trace, each with its texts, and so do its tokens."""
    steps = [
        {"texts": ["find", "no text"], "model": "small", "asked": "Where?", "reply": "Page 3"},
        {"reply": "Berg"},
    ]
    usage = {"prompt_tokens": 40, "completion_tokens": 7}
    endpoint.handler = endpoint.respond({"output": "Berg", "trace": steps, "usage": usage})
    output, asked = await run(endpoint)
    assert output == "Berg"
    assert asked.steps == [
        ("small", "Where?\nPage 3"),
        ("model", "Berg"),
        ("usage", "40 prompt and 7 completion tokens"),
    ]
    assert asked.noted == [("find",), (), ()]


async def test_rows_run_together(endpoint: Endpoint) -> None:
    """Rows that run at the same time get their own replies."""

    async def echo(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return web.json_response({"output": (await request.json())["example"]["question"]})

    endpoint.handler = echo
    program = program_at(endpoint.url)
    rows = [{"question": str(n)} for n in range(20)]
    outputs = await asyncio.gather(*(program.run(row, TEXTS, Asked(lambda request: "")) for row in rows))
    assert outputs == [row["question"] for row in rows]


KEY = "desk-key-94b1c07e2f"


async def test_keys_come_from_variables(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bearer token and further headers are read from variables, and blanked in all that comes back."""
    monkeypatch.setenv("DESK_KEY", KEY)
    monkeypatch.setenv("DESK_TENANT", "harbour-office-7")
    settings = {"api_key_env": "DESK_KEY", "headers_env": {"X-Tenant": "DESK_TENANT"}}
    endpoint.handler = endpoint.respond({"output": f"You sent {KEY} of harbour-office-7."})
    output = await program_at(endpoint.url, **settings).run(ROW, TEXTS, Asked(lambda request: ""))
    assert output == "You sent [key] of [key]."
    [(_, headers)] = endpoint.requests
    assert (headers["Authorization"], headers["X-Tenant"]) == (f"Bearer {KEY}", "harbour-office-7")
    endpoint.handler = endpoint.respond({"error": f"unknown key {KEY}"}, status=403)
    said = await failure(endpoint.url, **settings)
    assert "status 403" in said
    assert KEY not in said


def test_a_variable_must_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its variable an endpoint is not asked at all, and the error names the variable."""
    monkeypatch.delenv("DESK_KEY", raising=False)
    with pytest.raises(ProgramFailed, match="DESK_KEY is not set"):
        program_at("http://127.0.0.1:1/run", api_key_env="DESK_KEY")


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://h/run", "api_key_env": "sk-proj-1234567890abcdef"},
        {"url": "http://h/run", "headers_env": {"X-Key": "sk-proj-1234567890abcdef"}},
        {"url": "http://h/run", "headers_env": {"Host": "DESK_HOST"}},
        {"command": ("node", "run.js"), "api_key_env": "DESK_KEY"},
    ],
)
def test_keys_are_no_settings(settings: dict[str, Any]) -> None:
    """A key in place of its variable, a header of the protocol and a key without an endpoint are refused."""
    with pytest.raises(ValidationError, match=r"api_key_env|headers_env") as caught:
        ProgramSettings.model_validate(settings)
    assert "sk-proj" not in str(caught.value.errors(include_input=False, include_context=False))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("Hello", "sent no JSON: 'Hello'"),
        ("", "sent no JSON: nothing"),
        ('{"output": NaN}', "sent no JSON"),
        ('{"output": "\\ud800"}', "sent no JSON"),
        ("[" * 100_000, "sent no JSON"),
        ("[1]", "sent JSON of another shape: the reply"),
        ({"answer": 1}, "sent JSON of another shape: output: Field required"),
        ({"output": 1, "trace": "x"}, "sent JSON of another shape: trace"),
        ({"output": 1, "trace": [{"asked": 3}]}, "sent JSON of another shape: trace.0.asked"),
        ({"output": 1, "trace": [{}] * 1001}, "sent JSON of another shape: trace"),
        ({"output": 1, "usage": {"prompt_tokens": -1}}, "sent JSON of another shape: usage.prompt_tokens"),
    ],
)
async def test_replies_of_another_shape(endpoint: Endpoint, body: Any, words: str) -> None:
    """A reply that is not what was agreed is an error that names the endpoint and what is wrong."""
    endpoint.handler = endpoint.respond(body)
    said = await failure(endpoint.url)
    assert said.startswith(f"The program at {endpoint.url} {words}")
    assert said.endswith('Return {"output": ...}.')


@pytest.mark.parametrize("status", [201, 404, 422, 500, 503])
async def test_status(endpoint: Endpoint, status: int) -> None:
    """Any status but 200 is an error that quotes the beginning of the body."""
    endpoint.handler = endpoint.respond("no such row" + "." * 10_000, status)
    said = await failure(endpoint.url)
    assert f"replied with status {status}: 'no such row" in said
    assert len(said) < 500


async def test_redirects_are_not_followed(endpoint: Endpoint) -> None:
    """The row and the texts are not sent on to the host to which an endpoint redirects."""
    async with serving() as other:
        endpoint.handler = endpoint.respond("", 307, {"Location": f"{other.url}?key=secret"})
        said = await failure(endpoint.url)
        assert f"redirects to {other.url}. Name the final address" in said
        assert not other.requests


async def test_sizes_are_bounded(endpoint: Endpoint) -> None:
    """A reply of more than 10 MiB is not read to its end."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 2**20)

    endpoint.handler = endless
    assert "sent more than 10 MiB" in await failure(endpoint.url)


async def test_compressed_replies_are_not_inflated(endpoint: Endpoint) -> None:
    """A small reply cannot become a large one: compressed ones are refused."""

    async def bomb(request: web.Request) -> web.StreamResponse:
        body = gzip.compress(json.dumps({"output": "x" * 10**6}).encode())
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    endpoint.handler = bomb
    assert "sent no JSON" in await failure(endpoint.url)


async def test_timeouts(endpoint: Endpoint) -> None:
    """An endpoint that does not reply in time is an error that names the setting."""

    async def sleep(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    endpoint.handler = sleep
    assert "within 0.1 seconds. Raise `timeout`" in await failure(endpoint.url, timeout=0.1)


async def test_broken_connections(endpoint: Endpoint) -> None:
    """A connection that is refused, or closed before the reply, is an error that names the endpoint."""

    async def close(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    endpoint.handler = close
    assert "broke off its reply (ServerDisconnectedError)" in await failure(endpoint.url)
    said = await failure("http://user:secret@127.0.0.1:1/run?key=secret")
    assert "The program at http://127.0.0.1:1/run is not reachable" in said
    assert "secret" not in said


async def test_cancellation_leaves_nothing_behind(endpoint: Endpoint) -> None:
    """Cancelling an execution closes its connection."""

    async def sleep(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    endpoint.handler = sleep
    before = asyncio.all_tasks()
    running = asyncio.ensure_future(run(endpoint))
    await endpoint.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert running not in asyncio.all_tasks() - before


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/run", "http://", "127.0.0.1:8000/run"])
def test_addresses_are_checked(url: str) -> None:
    """An address that is not http or https is refused before anything is run."""
    with pytest.raises(ProgramFailed, match="not an http or https address"):
        program_at(url)
