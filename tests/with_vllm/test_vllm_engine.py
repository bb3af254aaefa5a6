"""VLLMModel: vLLM's engine, started by this process."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from transfer_prompting.agents.models.base import Model, ModelError

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMA = '{"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}'


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def model(folder: Path) -> AsyncIterator[Any]:
    """Return the model, whose engine starts only once."""
    from transfer_prompting.agents.models.vllm.model import VLLMModel

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VLLM_CPU_KVCACHE_SPACE", "1")
        patch.setenv("HF_HUB_OFFLINE", "1")
        model = VLLMModel(str(folder), dtype="float32", enforce_eager=True, max_model_len=1024, block_size=32)
        yield model
        await model.close()


async def test_engine_is_a_model(model: Any) -> None:
    """The identity names the weights and the precision."""
    assert isinstance(model, Model)
    assert model.identity.startswith("vllm:smollm2-135m-instruct-")
    assert model.identity.endswith(":float32")


async def test_engine_answers(model: Any, ask: Any) -> None:
    """Simultaneous requests get their own answers, cut at max_tokens or ended by the model."""
    whole, cut = await asyncio.gather(
        model.reply(ask("What is the capital of France?", max_tokens=20)),
        model.reply(ask("Tell a long story.", max_tokens=3)),
    )
    assert "Paris" in whole.text
    assert (whole.finish, cut.finish, cut.completion_tokens) == ("stop", "length", 3)


@pytest.mark.parametrize(
    "options",
    [
        ("positive", "negative"),
        ("positive", "very positive", "very bad indeed"),
        ("I liked this film very much and would see it again.", "It was the worst film of the whole year."),
    ],
)
async def test_engine_scores_like_transformers(
    model: Any, reference: Any, ask: Any, options: tuple[str, ...]
) -> None:
    """Options that are scored token by token, and longer ones, score as with transformers."""
    request = ask("Review: I loved it. What does the writer say?", options=options)
    expected, reply = await reference.reply(request), await model.reply(request)
    assert reply.option_logprobs == pytest.approx(expected.option_logprobs, abs=0.02)
    assert reply.finish == "scored"


LONG = tuple(f"{number} is a number that is not very large" for number in range(5))


@pytest.mark.parametrize("lead", [None, "Answer:"])
@pytest.mark.parametrize("options", [None, ("positive", "very bad"), LONG])
async def test_count_equals_the_prompt_tokens_of_the_reply(
    model: Any, ask: Any, options: tuple[str, ...] | None, lead: str | None
) -> None:
    """The prompt tokens of a reply equal the count before the request, for every kind of request."""
    request = ask("Review: I loved it. 日本", options=options, lead=lead if options else None, max_tokens=3)
    count, reply = model.count(request), await model.reply(request)
    assert count.exact
    assert (count.prompt, count.completion) == (reply.prompt_tokens, reply.completion_tokens)


async def test_engine_rates_options_after_a_lead_like_transformers(
    model: Any, reference: Any, ask: Any
) -> None:
    """The answer is the same as without options, and the options are rated as continuations of the lead."""
    request = ask("Review: I loved it. Answer: good or bad?", options=("good", "bad"), lead="Answer:")
    expected, reply = await reference.reply(request), await model.reply(request)
    plain = await model.reply(request.model_copy(update={"options": None, "lead": None}))
    assert reply.option_logprobs == pytest.approx(expected.option_logprobs, abs=0.02)
    assert (reply.text, reply.finish) == (plain.text, plain.finish)


async def test_answer_satisfies_the_schema(model: Any, ask: Any) -> None:
    """The answer satisfies the request's JSON schema."""
    reply = await model.reply(ask("Give a number.", max_tokens=40, json_schema=SCHEMA))
    assert isinstance(json.loads(reply.text)["n"], int)


async def test_instruction_is_found_in_the_prefix_cache(model: Any, ask: Any) -> None:
    """Examples of one candidate find the instruction in the prefix cache, generated or scored."""
    instruction = "Say in one word how the writer of the review felt about the film. " * 8
    await model.reply(ask("Dull.", system=instruction, max_tokens=1))
    generated = await model.reply(ask("Great.", system=instruction, max_tokens=1))
    scored = await model.reply(ask("Bad.", system=instruction, options=("good", "bad")))
    assert min(generated.cached_tokens, scored.cached_tokens) >= 96


async def test_prompt_beyond_the_engines_context_is_refused(model: Any, ask: Any) -> None:
    """A prompt that is too long is refused before it is sent to the engine."""
    with pytest.raises(ModelError) as caught:
        await model.reply(ask("word " * 2000))
    assert caught.value.cause == "context_length"
