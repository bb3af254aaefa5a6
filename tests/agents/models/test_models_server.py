"""OpenAIModel against a real llama.cpp server. What is said is never asserted, only how."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from transfer_prompting.agents.models.openai import OpenAIModel

pytestmark = [pytest.mark.server, pytest.mark.xdist_group("model")]


@pytest.fixture
async def model(llama_server: str) -> AsyncIterator[OpenAIModel]:
    model = OpenAIModel("smollm2", llama_server, api_key=None, timeout=120)
    yield model
    await model.close()


async def test_answers_with_text_and_counts(model: OpenAIModel, ask: Any) -> None:
    """A real endpoint's reply holds text and plausible token counts."""
    reply = await model.reply(ask("Name a colour.", max_tokens=8))
    assert reply.text
    assert reply.prompt_tokens > 5
    assert 1 <= reply.completion_tokens <= 8


async def test_length_is_the_reason_when_tokens_run_out(model: OpenAIModel, ask: Any) -> None:
    """An answer cut by max_tokens says so."""
    reply = await model.reply(ask("Tell me a long story about the sea.", max_tokens=2))
    assert (reply.finish, reply.completion_tokens) == ("length", 2)


async def test_same_seed_gives_the_same_sample(model: OpenAIModel, ask: Any) -> None:
    """A seeded sample is repeatable at a real endpoint."""
    request = ask("Name an animal.", max_tokens=6, temperature=1.5, seed=5)
    assert (await model.reply(request)).text == (await model.reply(request)).text


async def test_more_requests_than_slots_are_all_answered(model: OpenAIModel, ask: Any) -> None:
    """Requests beyond the server's two slots wait for their turn."""
    replies = await asyncio.gather(*(model.reply(ask(f"Count to {n}.", max_tokens=2)) for n in range(5)))
    assert all(reply.text for reply in replies)
