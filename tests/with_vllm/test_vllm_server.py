"""OpenAIModel with a real vLLM server."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.openai.model import OpenAIModel

SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"colour": {"enum": ["red", "blue"]}},
        "required": ["colour"],
        "additionalProperties": False,
    }
)


@pytest.fixture
async def model(server: str) -> AsyncIterator[OpenAIModel]:
    """Return a client of the server."""
    client = OpenAIModel("smollm2", server, api_key=None, timeout=300, server="vllm")
    yield client
    await client.close()


async def test_server_answers(model: OpenAIModel, ask: Any) -> None:
    """An answer has its text, its token counts and its finish reason."""
    reply = await model.reply(ask("What is the capital of France?", max_tokens=20))
    assert "Paris" in reply.text
    assert reply.finish == "stop"
    assert 0 < reply.completion_tokens < 20


async def test_server_scores_like_transformers(model: OpenAIModel, reference: Any, ask: Any) -> None:
    """Options of one or several tokens score as with transformers and the same weights."""
    request = ask("Review: I loved it. Positive or negative?", options=("positive", "negative", "very bad"))
    expected, reply = await reference.reply(request), await model.reply(request)
    assert reply.option_logprobs == pytest.approx(expected.option_logprobs, abs=0.02)


async def test_answer_satisfies_the_schema(model: OpenAIModel, ask: Any) -> None:
    """The answer satisfies the request's JSON schema."""
    reply = await model.reply(ask("Name a colour.", max_tokens=40, json_schema=SCHEMA))
    assert json.loads(reply.text)["colour"] in {"red", "blue"}


async def test_examples_of_one_candidate_hit_the_prefix_cache(model: OpenAIModel, ask: Any) -> None:
    """The tokens of an instruction that the server has already read are counted as cached."""
    instruction = "Say in one word how the writer of the review felt about the film. " * 8
    first = await model.reply(ask("Dull.", system=instruction, max_tokens=2))
    requests = (ask(text, system=instruction, max_tokens=2) for text in ("Great.", "Bad.", "Long."))
    later = await asyncio.gather(*map(model.reply, requests))
    assert all(reply.cached_tokens >= 96 for reply in later)
    assert first.prompt_tokens > 96


async def test_counters_of_the_server_report_hits(model: OpenAIModel, ask: Any) -> None:
    """The server's counters include the tokens that a second request finds in the cache."""
    instruction = "Say in one word what the writer of the letter wants, and nothing else at all. " * 8
    await model.reply(ask("More.", system=instruction, max_tokens=1))
    before = await model.cache_counters()
    await model.reply(ask("Less.", system=instruction, max_tokens=1))
    after = await model.cache_counters()
    assert before is not None
    assert after is not None
    assert after.queries - before.queries >= after.hits - before.hits >= 96


async def test_prompt_beyond_the_context_has_its_cause(model: OpenAIModel, ask: Any) -> None:
    """A prompt that is too long is distinguished from other bad requests."""
    with pytest.raises(ModelError) as caught:
        await model.reply(ask("word " * 2000))
    assert caught.value.cause == "context_length"
