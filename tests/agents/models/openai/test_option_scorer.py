"""Log-likelihoods of options from servers that extend OpenAI's protocol."""

import json
from typing import Any

import pytest
from aiohttp import web
from openai_serving import KEY, Endpoint, failure_of, serving

from transfer_prompting.agents.models.openai.model import OpenAIModel

USAGE = {"prompt_tokens": 10, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 9}}


def answer_like_vllm(endpoint: Endpoint, prompt_length: int = 4) -> None:
    """Answer like vLLM: `prompt_length` tokens of the prompt, then one of -0.5 nats for each letter."""

    async def handler(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if request.path == "/tokenize":
            return web.json_response({"count": prompt_length, "tokens": [1] * prompt_length})
        letters = body["messages"][-1]["content"]
        prompt_steps = [None, *[{"1": {"logprob": -9.0}}] * (prompt_length - 1)]
        steps = [*prompt_steps, *[{"2": {"logprob": -0.5}}] * len(letters)]
        return web.json_response({"choices": [], "usage": USAGE, "prompt_logprobs": steps})

    endpoint.handler = handler


async def test_vllm_reads_each_option_as_the_last_message(ask: Any) -> None:
    """Only the option's own tokens are summed, and the token counts are sums over all requests."""
    async with serving() as endpoint:
        answer_like_vllm(endpoint)
        model = OpenAIModel("tiny", endpoint.url, api_key=KEY, server="vllm")
        reply = await model.reply(ask("q", options=("yes", "no")))
        await model.close()
    assert reply.option_logprobs == (-1.5, -1.0)
    assert (reply.finish, reply.text) == ("scored", "")
    assert (reply.prompt_tokens, reply.completion_tokens, reply.cached_tokens) == (20, 2, 18)
    bodies = [body for body, _ in endpoint.requests]
    assert [body["messages"][-1]["content"] for body in bodies] == ["q", "yes", "no"]
    assert all(body["continue_final_message"] and not body["add_generation_prompt"] for body in bodies[1:])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prompt_logprobs": None},
        {"prompt_logprobs": [None]},
        {"prompt_logprobs": [None] * 6, "usage": USAGE},
    ],
)
async def test_vllm_without_logprobs_is_a_malformed_reply(ask: Any, body: dict[str, Any]) -> None:
    """A missing log-probability is an error and never taken for a value."""
    async with serving() as endpoint:
        endpoint.handler = endpoint.in_turn(endpoint.respond({"count": 4}), endpoint.respond(body))
        model = OpenAIModel("tiny", endpoint.url, api_key=KEY, server="vllm")
        error = await failure_of(model, ask("q", options=("yes",)))
        await model.close()
    assert error.cause == "malformed_reply"


@pytest.mark.parametrize("content", [None, [], [{"id": 8, "logprob": -1.0}], [{"id": 7, "logprob": None}]])
async def test_llama_cpp_without_the_grammar_is_a_malformed_reply(ask: Any, content: Any) -> None:
    """A server that ignores the grammar has generated another text than the option."""
    body = {"choices": [{"logprobs": {"content": content}}], "usage": USAGE}
    async with serving() as endpoint:
        endpoint.handler = endpoint.in_turn(endpoint.respond({"tokens": [7]}), endpoint.respond(body))
        model = OpenAIModel("tiny", endpoint.url, api_key=KEY, server="llama.cpp")
        error = await failure_of(model, ask("q", options=("yes",)))
        await model.close()
    assert error.cause == "malformed_reply"


async def test_llama_cpp_gets_the_tokens_of_the_option(ask: Any) -> None:
    """The grammar lists the option's tokens, which are requested only once, at the server's root."""
    body = {
        "choices": [{"logprobs": {"content": [{"id": 7, "logprob": -1.0}, {"id": 8, "logprob": -2.5}]}}],
        "usage": USAGE,
    }
    paths = []

    async def handler(request: web.Request) -> web.StreamResponse:
        paths.append(request.path)
        return web.Response(text=json.dumps({"tokens": [7, 8]} if request.path == "/tokenize" else body))

    async with serving() as endpoint:
        endpoint.handler = handler
        model = OpenAIModel("tiny", endpoint.url, api_key=KEY, server="llama.cpp")
        first = await model.reply(ask("q", options=("yes",)))
        await model.reply(ask("r", options=("yes",)))
        await model.close()
    assert first.option_logprobs == (-3.5,)
    assert paths == ["/tokenize", "/v1/chat/completions", "/v1/chat/completions"]
    assert endpoint.requests[1][0]["grammar"] == "root ::= <[7]> <[8]>"
    assert endpoint.requests[1][0]["max_tokens"] == 2
