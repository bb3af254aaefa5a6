"""A hostile server: it wants the key, the memory, the terminal or the log of whoever calls it."""

import gzip
import html
import json
import traceback
import tracemalloc
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from openai_serving import Endpoint, completion, serving

from transfer_prompting.agents.models.base import ChatMessage, ModelError, ModelRequest
from transfer_prompting.agents.models.openai.bodies import MOST_BYTES
from transfer_prompting.agents.models.openai.model import OpenAIModel
from transfer_prompting.agents.models.registry import ModelSettings, build_model

KEY = "sk-proj-Q7/x+Zr9-abcdefGHIJK0123456789-wxyz"
REQUEST = ModelRequest(messages=(ChatMessage(role="user", content="?"),), max_tokens=16, seed=1)
MEBIBYTE = 2**20


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with serving() as endpoint:
        yield endpoint


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, timeout=30, max_wait=0)
    yield model
    await model.close()


async def error_of(model: OpenAIModel) -> ModelError:
    """Return the error that the server's answer leads to."""
    with pytest.raises(ModelError) as caught:
        await model.reply(REQUEST)
    return caught.value


def everything_shown(error: ModelError) -> str:
    """Return all that a log, a screen or a traceback could show of an error and of what caused it."""
    shown = "".join(traceback.format_exception(error)) + repr(error)
    link: BaseException | None = error
    while link is not None:
        shown += f"{link!r} {link.args} {vars(link)}"
        link = link.__cause__
    return shown


def has_part_of_the_key(text: str, length: int = 8) -> bool:
    """Return True if `length` characters of the key's secret part stand in the text."""
    secret = KEY.removeprefix("sk-proj-")
    return any(secret[i : i + length] in text for i in range(len(secret) - length + 1))


QUOTED = {
    "plain": KEY,
    "in a header": f"Authorization: Bearer {KEY}",
    "JSON, slashes": KEY.replace("/", "\\/"),
    "JSON, numbers": "".join(f"\\u{ord(c):04x}" for c in KEY),
    "in a URL": quote(KEY, safe=""),
    "in a URL, all": "".join(f"%{ord(c):02X}" for c in KEY),
    "HTML": "".join(f"&#{ord(c)};" for c in KEY),
    "HTML, named": html.escape(KEY),
    "hexadecimal": KEY.encode().hex(),
    "base64": b64encode(KEY.encode()).decode(),
    "base64 of the header": b64encode(f"Bearer {KEY}".encode()).decode(),
    "base64 for a URL": urlsafe_b64encode(f"Bearer {KEY}".encode()).decode(),
    "base64 of basic": b64encode(f"u:{KEY}".encode()).decode(),
    "beginning": KEY[:24],
    "end": KEY[-12:],
    "middle": KEY[10:30],
    "masked": f"{KEY[:7]}********{KEY[-4:]}",
    "dotted": f"{KEY[:11]}...{KEY[-4:]}",
    "cut": KEY[:20] + "…",
}


def leaks(text: str, form: str) -> bool:
    """Return True if a text shows the key in a form, or enough of it."""
    quoted = QUOTED[form]
    parts = [quoted[i : i + 16] for i in range(8, len(quoted) - 16)]
    return has_part_of_the_key(text) or any(part in text for part in (quoted, KEY[-4:], *parts))


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 418, 422, 429, 500, 503])
@pytest.mark.parametrize("form", QUOTED)
async def test_quoted_key_is_blanked(model: OpenAIModel, endpoint: Endpoint, form: str, status: int) -> None:
    """Lost otherwise: the key, in a log that is shared, through an error of any status that quotes it."""
    text = json.dumps({"error": {"message": f"Wrong key: {QUOTED[form]} !"}})
    endpoint.handler = endpoint.respond(text, status)
    shown = everything_shown(await error_of(model))
    assert not leaks(shown, form)


@pytest.mark.parametrize("form", QUOTED)
@pytest.mark.parametrize(
    "page", ["<html><title>{}</title></html>", "no JSON: {}", '{{"a": "{}', "data: {}", '{{"choices": "{}"}}']
)
async def test_key_in_what_is_no_reply_is_blanked(
    model: OpenAIModel, endpoint: Endpoint, form: str, page: str
) -> None:
    """Lost otherwise: the key, through the beginning of a page that the error quotes."""
    endpoint.handler = endpoint.respond(page.format(QUOTED[form]))
    assert not leaks(everything_shown(await error_of(model)), form)


@pytest.mark.parametrize("text", [KEY, f"Bearer {KEY}", KEY.replace("/", "\\/")])
async def test_key_in_an_answer_is_blanked(model: OpenAIModel, endpoint: Endpoint, text: str) -> None:
    """Lost otherwise: the key, which an echoing server would write into the log as a model's answer."""
    body = json.dumps(completion(text)).replace("-", "\\u002d")
    endpoint.handler = endpoint.respond(body)
    assert not has_part_of_the_key((await model.reply(REQUEST)).text)


async def test_key_in_the_name_of_a_tool_is_blanked(model: OpenAIModel, endpoint: Endpoint) -> None:
    """Lost otherwise: the key, in the arguments of a call of a tool."""
    body = completion(None)
    function = {"name": KEY, "arguments": json.dumps({"a": KEY})}
    body["choices"][0]["message"]["tool_calls"] = [{"id": KEY, "function": function}]
    endpoint.handler = endpoint.respond(json.dumps(body).replace("-", "\\u002d"))
    assert not has_part_of_the_key((await model.reply(REQUEST)).model_dump_json())


async def test_key_in_the_names_of_models_is_blanked(model: OpenAIModel, endpoint: Endpoint) -> None:
    """Lost otherwise: the key, in the list of models that an error shows."""
    endpoint.handler, endpoint.offered = endpoint.respond("", 404), [f"tiny-{KEY}", KEY]
    assert not has_part_of_the_key(everything_shown(await error_of(model)))


@pytest.mark.parametrize("key", ["EMPTY", "none", "ollama", "lm-studio", "x"])
async def test_placeholder_for_a_key_spoils_no_text(endpoint: Endpoint, key: str) -> None:
    """Lost otherwise: words of answers and errors that happen to be the placeholder of a local server."""
    model = OpenAIModel("tiny", endpoint.url, api_key=key)
    endpoint.handler = endpoint.respond(completion("none of EMPTY boxes; ollama x lm-studio"))
    assert (await model.reply(REQUEST)).text == "none of EMPTY boxes; ollama x lm-studio"
    endpoint.handler = endpoint.respond({"error": "max exceeded, nonexistent"}, 400)
    assert "max exceeded, nonexistent" in (await error_of(model)).message
    await model.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirection_never_carries_the_key(model: OpenAIModel, endpoint: Endpoint, status: int) -> None:
    """Lost otherwise: key and prompts, sent to any host that the server names."""
    async with serving() as thief:
        endpoint.handler = endpoint.respond("", status, {"Location": f"{thief.url}/?k={KEY}"})
        error = await error_of(model)
    assert thief.requests == []
    assert "redirects to" in error.message
    assert "Redirections are not followed" in error.message
    assert "base_url" in error.advice
    assert not has_part_of_the_key(everything_shown(error))


def endless(status: int, beginning: bytes) -> Any:
    """Return a handler whose body never ends."""

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=status)
        await response.prepare(request)
        try:
            await response.write(beginning)
            while True:
                await response.write(b" " * 2**16)
        except OSError:
            return response

    return handler


async def test_endless_reply_is_read_up_to_a_cap(model: OpenAIModel, endpoint: Endpoint) -> None:
    """Lost otherwise: all memory, and the run with it."""
    endpoint.handler = endless(200, b"{")
    error = await error_of(model)
    assert error.cause == "malformed_reply"
    assert f"longer than {MOST_BYTES // MEBIBYTE} MiB" in error.message


async def test_endless_error_is_read_up_to_a_cap(model: OpenAIModel, endpoint: Endpoint) -> None:
    """Lost otherwise: all memory, through the body of an error; its beginning is quoted all the same."""
    endpoint.handler = endless(400, b"Tea only. ")
    assert "Tea only." in (await error_of(model)).message


def bomb(layers: int) -> bytes:
    """Return a small body that is 256 MiB or more without its compression."""
    packer = zlib.compressobj(wbits=31)
    data = b"".join([*(packer.compress(b" " * MEBIBYTE) for _ in range(256)), packer.flush()])
    for _ in range(layers - 1):
        data = gzip.compress(data)
    return data


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("layers", [1, 2, 3])
async def test_compressed_bomb_is_inflated_up_to_a_cap(
    model: OpenAIModel, endpoint: Endpoint, layers: int, status: int
) -> None:
    """Lost otherwise: all memory, through a body of a few hundred kilobytes."""
    body = bomb(layers)

    async def handler(_: web.Request) -> web.StreamResponse:
        encodings = ", ".join(["gzip"] * layers)
        return web.Response(body=body, status=status, headers={"Content-Encoding": encodings})

    endpoint.handler = handler
    tracemalloc.start()
    error = await error_of(model)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.cause == ("malformed_reply" if status == 200 else "bad_request")
    assert most < 8 * MOST_BYTES


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b]52;c;ZXZpbA==\x07",
        "\x1b[2J\x1b[31mred",
        "\u202eevil\u2066",
        "a\x00b\x08\x7f",
        "\x9b31m",
        "line\nbreak\r\tand more",
        "\u200b\ufeff\u2028\u2029",
    ],
)
@pytest.mark.parametrize("place", ["message", "page", "text", "model", "location"])
async def test_words_of_a_server_are_harmless(
    model: OpenAIModel, endpoint: Endpoint, attack: str, place: str
) -> None:
    """Lost otherwise: control of the terminal that shows an error."""
    match place:
        case "message":
            endpoint.handler = endpoint.respond({"error": {"message": f"a {attack} b"}}, 400)
        case "page":
            endpoint.handler = endpoint.respond(f"<html><title>a {attack} b</title></html>")
        case "text":
            endpoint.handler = endpoint.respond(f"a {attack} b")
        case "model":
            endpoint.handler, endpoint.offered = endpoint.respond("", 404), [attack]
        case "location":
            target = "http://x/" + attack.replace("\n", "").replace("\r", "").replace("\x00", "")
            endpoint.handler = endpoint.respond("", 302, {"Location": target})
    error = await error_of(model)
    assert str(error).isprintable()
    assert len(error.message) < 900


async def test_long_words_are_cut(model: OpenAIModel, endpoint: Endpoint) -> None:
    """Lost otherwise: the log's readability, to an error of any length."""
    endpoint.handler = endpoint.respond({"error": {"message": "word " * 10_000}}, 400)
    assert len((await error_of(model)).message) < 400


@pytest.mark.parametrize("count", [2**62, 2**63, 2**64, 10**400, -(2**62), 1e308])
async def test_absurd_counts_reach_no_log(model: OpenAIModel, endpoint: Endpoint, count: Any) -> None:
    """Lost otherwise: the whole log, which no reader could sum up any more."""
    usage = {"prompt_tokens": count, "completion_tokens": count, "total_tokens": count}
    details = {"prompt_tokens_details": {"cached_tokens": count}}
    endpoint.handler = endpoint.respond({**completion(), "usage": usage | details})
    reply = await model.reply(REQUEST)
    assert reply.prompt_tokens < 1000
    assert reply.completion_tokens <= REQUEST.max_tokens
    assert reply.cached_tokens <= reply.prompt_tokens


@pytest.mark.parametrize("open_", ["[", '{"choices":', '{"error":', '{"choices":[{"message":'])
@pytest.mark.parametrize("status", [200, 400])
async def test_deep_json_is_an_error(model: OpenAIModel, endpoint: Endpoint, open_: str, status: int) -> None:
    """Lost otherwise: the run, to an error of the interpreter itself."""
    endpoint.handler = endpoint.respond(open_ * 100_000, status)
    assert (await error_of(model)).cause in ("malformed_reply", "bad_request")
    deep = open_.replace("{", "[").split('"')[0] * 500
    endpoint.handler = endpoint.respond(deep + "1" + "]" * deep.count("["), status)
    assert (await error_of(model)).cause in ("malformed_reply", "bad_request")


@pytest.mark.parametrize("wait", ["1e400", "9" * 400, "1e300", "nan", "-1", "Fri, 31 Dec 9999 23:59:59 GMT"])
async def test_absurd_waits_are_an_error(model: OpenAIModel, endpoint: Endpoint, wait: str) -> None:
    """Lost otherwise: the run, which would wait for ever or stop with an overflow."""
    endpoint.handler = endpoint.in_turn(
        endpoint.respond("", 429, {"Retry-After": wait}), endpoint.respond("", 400)
    )
    error = await error_of(model)
    assert error.cause in ("rate_limit", "bad_request")
    assert len(error.message) < 300


async def test_model_shows_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lost otherwise: the key, in what a debugger or a crash report shows of a model."""
    monkeypatch.setenv("MY_KEY", KEY)
    model = build_model(
        ModelSettings(provider="openai", model="m", base_url="http://127.0.0.1:1/v1", api_key_env="MY_KEY")
    )
    shown = repr(model) + model.identity + repr(list(vars(model).values()))
    assert not has_part_of_the_key(shown)
    await model.close()
