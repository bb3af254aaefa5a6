"""What a server refuses is left out of the request that it refused, and of all later ones."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from openai_serving import KEY, Endpoint, completion, failure_of, serving

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.openai.model import OpenAIModel

BURST = 16
Complaint = Callable[[dict[str, Any]], str | None]


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    async with serving() as endpoint:
        yield endpoint


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, timeout=30, concurrency=BURST)
    yield model
    await model.close()


def refuse(endpoint: Endpoint, complaint: Complaint, status: int = 400, together: int = 1) -> None:
    """Answer a request if there is no complaint about its body; the first ones wait for each other."""
    arrived = 0
    all_there = asyncio.Event()

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal arrived
        arrived += 1
        if arrived >= together:
            all_there.set()
        await all_there.wait()
        words = complaint(await request.json())
        if words is None:
            return web.json_response(completion())
        return web.Response(text=json.dumps({"error": {"message": words}}), status=status)

    endpoint.handler = handler


def without(name: str, words: str) -> Complaint:
    """Complain about each body that has a field."""
    return lambda body: words if name in body else None


def full_request(ask: Any, text: str = "q", **changes: Any) -> ModelRequest:
    """Return a request with everything that a server may refuse."""
    fields: dict[str, Any] = {
        "system": "s",
        "seed": 3,
        "stop": ("\n",),
        "options": ("a", "b"),
        "lead": "Answer:",
        "json_schema": "{}",
    }
    request: ModelRequest = ask(text, **fields | changes)
    return request


REFUSALS = {
    "max_tokens": "Unsupported parameter: 'max_tokens' is unknown. Use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0.0. Only the default is.",
    "seed": "Unrecognized request argument supplied: seed",
    "stop": "Unsupported parameter: 'stop' is not supported with this model.",
    "logprobs": "'logprobs' is not supported with this model",
    "top_logprobs": "top_logprobs: Extra inputs are not permitted",
    "response_format": "This response_format type is unavailable now",
}


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("name", REFUSALS)
async def test_no_request_of_the_first_burst_is_lost(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, name: str, status: int
) -> None:
    """All requests that were under way when the first was refused are answered, and later ones know."""
    refuse(endpoint, without(name, REFUSALS[name]), status, together=BURST)
    replies = await asyncio.gather(*(model.reply(full_request(ask, str(n))) for n in range(BURST)))
    assert [reply.text for reply in replies] == ["hello"] * BURST
    assert len(endpoint.requests) == 2 * BURST
    await model.reply(full_request(ask, "later"))
    assert len(endpoint.requests) == 2 * BURST + 1


async def test_other_name_of_the_limit_has_its_value(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """The limit keeps its value under the other name."""
    refuse(endpoint, without("max_tokens", REFUSALS["max_tokens"]))
    await model.reply(ask(max_tokens=7))
    assert endpoint.requests[1][0]["max_completion_tokens"] == 7


async def test_refusals_one_after_the_other_are_all_met(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """A server that refuses everything, one parameter at a time, still answers."""

    def complaint(body: dict[str, Any]) -> str | None:
        return next((words for name, words in REFUSALS.items() if name in body), None)

    refuse(endpoint, complaint)
    assert (await model.reply(full_request(ask))).text == "hello"
    assert set(endpoint.requests[-1][0]) == {"model", "messages", "max_completion_tokens"}


async def test_only_what_was_refused_is_left_out(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """Everything but the refused parameter is sent as before."""
    refuse(endpoint, without("seed", "Unknown parameter: 'seed'. Supported parameters: temperature, stop."))
    await model.reply(full_request(ask))
    first, second = (body for body, _ in endpoint.requests)
    assert second == {name: value for name, value in first.items() if name != "seed"}


async def test_a_refused_value_is_not_a_refused_parameter(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """A server that refuses the temperature 0 alone gets all others."""
    words = "Input validation error: `temperature` must be strictly positive"
    refuse(endpoint, lambda body: words if body.get("temperature") == 0 else None, 422)
    await model.reply(ask(temperature=0.0))
    await model.reply(ask(temperature=0.7))
    assert [body.get("temperature") for body, _ in endpoint.requests] == [0.0, None, 0.7]


async def test_fewer_alternatives_are_asked_for(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A server that reports five alternatives at most is asked for five."""
    words = "Requested sample logprobs of 20, which is greater than max allowed: 5"
    refuse(endpoint, lambda body: words if body.get("top_logprobs", 0) > 5 else None)
    await model.reply(full_request(ask))
    assert endpoint.requests[-1][0]["top_logprobs"] == 5


async def test_stop_strings_that_the_server_refuses_cut_the_answer_here(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """An answer ends at the first stop string, whoever stops it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if "stop" in await request.json():
            return web.Response(text=json.dumps({"error": REFUSALS["stop"]}), status=400)
        return web.json_response(completion("one\ntwo###three", "length"))

    endpoint.handler = handler
    reply = await model.reply(ask(stop=("###", "\n")))
    assert (reply.text, reply.finish) == ("one", "stop")


async def test_system_messages_become_part_of_the_next_one(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """A model without system messages gets their text at the beginning of the user's."""

    def complaint(body: dict[str, Any]) -> str | None:
        return "System role not supported" if body["messages"][0]["role"] == "system" else None

    refuse(endpoint, complaint)
    await model.reply(ask("question", system="instruction"))
    assert endpoint.requests[-1][0]["messages"] == [{"role": "user", "content": "instruction\n\nquestion"}]


@pytest.mark.parametrize("words", ["", "Unprocessable Entity", "Extra inputs are not permitted"])
async def test_nameless_refusals_are_found_out(
    model: OpenAIModel, endpoint: Endpoint, ask: Any, words: str
) -> None:
    """If a server does not name what it refuses, parameters are left out one by one."""
    refuse(endpoint, without("logprobs", words), 422)
    await model.reply(full_request(ask))
    assert "stop" in endpoint.requests[-1][0]
    before = len(endpoint.requests)
    await model.reply(full_request(ask))
    assert len(endpoint.requests) == before + 1


async def test_guessing_in_vain_is_not_repeated(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """A server that refuses everything with 422 costs one round of guesses, and teaches nothing."""
    endpoint.handler = endpoint.respond("", 422)
    assert (await failure_of(model, full_request(ask))).cause == "bad_request"
    before = len(endpoint.requests)
    await failure_of(model, full_request(ask))
    assert len(endpoint.requests) == before + 1
    assert "seed" in endpoint.requests[-1][0]


async def test_error_within_status_200_teaches_too(model: OpenAIModel, endpoint: Endpoint, ask: Any) -> None:
    """Proxies pass on a refusal with status 200."""
    refusal = {"error": {"code": 400, "message": REFUSALS["seed"]}}
    endpoint.handler = endpoint.in_turn(endpoint.respond(refusal), endpoint.respond(completion()))
    assert (await model.reply(ask(seed=1))).text == "hello"


async def test_a_parameter_that_was_not_sent_is_no_reason_to_send_again(
    model: OpenAIModel, endpoint: Endpoint, ask: Any
) -> None:
    """An error about something else than the request's own fields is raised as it is."""
    endpoint.handler = endpoint.respond({"error": {"message": REFUSALS["seed"]}}, 400)
    assert (await failure_of(model, ask())).cause == "bad_request"
    assert len(endpoint.requests) == 1


async def test_each_endpoint_learns_for_itself(ask: Any) -> None:
    """Of two servers of a model, the one that refuses nothing gets everything."""
    async with serving() as strict, serving() as lenient:
        refuse(strict, without("seed", REFUSALS["seed"]))
        model = OpenAIModel("tiny", [strict.url, lenient.url], api_key=KEY)
        await asyncio.gather(*(model.reply(ask(f"{n} is a number.", seed=1)) for n in range(8)))
        await model.close()
    assert lenient.requests
    assert all(body["seed"] == 1 for body, _ in lenient.requests)


async def test_params_are_passed_on(endpoint: Endpoint, ask: Any) -> None:
    """Further fields are sent with each request, enter the identity, and never replace the request's own."""
    params = {"reasoning_effort": "low", "seed": 9, "extra": {"a": [1, None]}}
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, params=params)
    await model.reply(ask(seed=3))
    await model.reply(ask())
    await model.close()
    first, second = (body for body, _ in endpoint.requests)
    assert (first["reasoning_effort"], first["extra"], first["seed"]) == ("low", {"a": [1, None]}, 3)
    assert second["seed"] == 9
    other = OpenAIModel("tiny", endpoint.url, api_key=KEY, params={**params, "reasoning_effort": "high"})
    plain = OpenAIModel("tiny", endpoint.url, api_key=KEY)
    assert len({model.identity, other.identity, plain.identity}) == 3
    assert plain.identity == f"openai:{endpoint.url}:tiny"


async def test_refused_params_are_an_error(endpoint: Endpoint, ask: Any) -> None:
    """A field that the configuration demands is never left out silently."""
    refuse(endpoint, without("seed", REFUSALS["seed"]))
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, params={"seed": 9})
    assert "seed" in (await failure_of(model, ask())).message
    await model.close()
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(("temperature", "sent"), [("unset", None), (1.0, 1.0), (None, 0.3)])
async def test_temperature_of_the_settings(
    endpoint: Endpoint, ask: Any, temperature: Any, sent: float | None
) -> None:
    """The settings may leave the temperature out of all requests, or fix it."""
    model = OpenAIModel("tiny", endpoint.url, api_key=KEY, temperature=temperature)
    await model.reply(ask(temperature=0.3))
    await model.close()
    assert endpoint.requests[0][0].get("temperature") == sent
