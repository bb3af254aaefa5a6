"""OpenAIModel with a real llama.cpp server. Tests never assert the text of an answer, only its form."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError
from transfer_prompting.agents.models.openai.model import OpenAIModel

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("model")]


@pytest.fixture
async def model(llama_server: str) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("smollm2", llama_server, api_key=None, timeout=120)
    yield model
    await model.close()


async def test_answers_with_text_and_counts(model: OpenAIModel, ask: Any) -> None:
    """A real endpoint's reply has a text and plausible token counts."""
    reply = await model.reply(ask("Name a colour.", max_tokens=8))
    assert reply.text
    assert reply.prompt_tokens > 5
    assert 1 <= reply.completion_tokens <= 8


async def test_answer_cut_by_max_tokens_has_finish_length(model: OpenAIModel, ask: Any) -> None:
    """An answer that reaches max_tokens has the finish reason "length"."""
    reply = await model.reply(ask("Tell me a long story about the sea.", max_tokens=2))
    assert (reply.finish, reply.completion_tokens) == ("length", 2)


async def test_same_seed_gives_the_same_sample(model: OpenAIModel, ask: Any) -> None:
    """A seeded sample is reproducible at a real endpoint."""
    request = ask("Name an animal.", max_tokens=6, temperature=1.5, seed=5)
    assert (await model.reply(request)).text == (await model.reply(request)).text


async def test_more_requests_than_slots_are_all_answered(model: OpenAIModel, ask: Any) -> None:
    """Requests beyond the server's two slots wait for their turn."""
    replies = await asyncio.gather(*(model.reply(ask(f"Count to {n}.", max_tokens=2)) for n in range(5)))
    assert all(reply.text for reply in replies)


async def test_likelihood_of_options_is_that_of_the_weights(
    llama_server: str, embedded: Any, ask: Any
) -> None:
    """A real llama.cpp server scores options like the same weights here, except for its 8-bit arithmetic."""
    model = OpenAIModel("smollm2", llama_server, api_key=None, timeout=120, server="llama.cpp")
    request = ask(
        "Is the text positive or negative? Text: I love it. Answer with one word.",
        options=("positive", "negative", "very happy"),
    )
    remote = await model.reply(request)
    await model.close()
    local = await embedded.reply(request)
    assert remote.finish == "scored"
    assert remote.option_logprobs == pytest.approx(local.option_logprobs, abs=0.75)


async def test_answer_satisfies_the_schema(model: OpenAIModel, ask: Any) -> None:
    """A real endpoint's answer satisfies the request's JSON schema."""
    schema = {
        "type": "object",
        "properties": {"answer": {"enum": ["yes", "no"]}},
        "required": ["answer"],
        "additionalProperties": False,
    }
    reply = await model.reply(ask("Is the sky blue?", max_tokens=40, json_schema=json.dumps(schema)))
    assert json.loads(reply.text)["answer"] in ("yes", "no")


async def test_repeated_prompt_is_found_in_the_cache(model: OpenAIModel, ask: Any) -> None:
    """A real endpoint reports the cached tokens of a repeated prompt."""
    request = ask("Which animal is the largest of all that live in the sea?", max_tokens=1)
    await model.reply(request)
    again = await model.reply(request)
    assert 0 < again.cached_tokens <= again.prompt_tokens


async def test_prompt_beyond_the_context_has_its_cause(model: OpenAIModel, ask: Any) -> None:
    """A real endpoint's error for a prompt that is too long is distinguished from all others."""
    with pytest.raises(ModelError) as caught:
        await model.reply(ask("word " * 3000, max_tokens=1))
    assert (caught.value.cause, caught.value.retryable) == ("context_length", False)


async def test_answer_with_options(model: OpenAIModel, ask: Any) -> None:
    """If the answer contains the lead, a real endpoint's log-probabilities rate the options."""
    request = ask(
        "Is the sky blue? Reply with one line, either 'Answer: yes' or 'Answer: no'.",
        max_tokens=8,
        options=("yes", "no"),
        lead="Answer:",
    )
    reply = await model.reply(request)
    assert reply.text
    assert reply.completion_tokens <= 8
    answered = "Answer: yes" in reply.text or "Answer: no" in reply.text
    assert (reply.option_logprobs is not None) == answered
