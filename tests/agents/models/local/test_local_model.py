"""TransformersModel with the embedded model: optimisations must not change any answer."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.agents.models.base import Model, ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.local.model import TransformersModel
from transfer_prompting.agents.models.local.sources import ModelSource, WeightsLocation

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

INSTRUCTION = "You read film reviews. Say in one word how the writer felt about the film."
REVIEWS = [
    "A warm and funny film that I would gladly see again.",
    "Dull.",
    "The actors do what they can, but the story falls apart after an hour and never recovers.",
    "Not bad, not good.",
    "I left early.",
]
OPTIONS = ("positive", "very positive", "very bad indeed")


def reference_logprobs(engine: Any, reference: Any, request: ModelRequest) -> list[float]:
    """Return the options' log-probabilities, each computed alone on its whole text."""
    import torch

    prompt = prompt_tokens(engine, request)
    sums = []
    for option in request.options or ():
        tokens = engine._tokenizer(option, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            logits = reference(input_ids=torch.tensor([prompt + tokens])).logits[0].double()
        logprobs = logits.log_softmax(-1)[len(prompt) - 1 :]
        sums.append(sum(float(logprobs[index, token]) for index, token in enumerate(tokens)))
    return sums


def prompt_tokens(engine: Any, request: ModelRequest) -> list[int]:
    """Return the tokens of the request under the model's chat template."""
    messages = [message.model_dump() for message in request.messages]
    text = engine._tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    return list(engine._tokenizer(text, add_special_tokens=False)["input_ids"])


async def replies_to(model: Model, requests: list[ModelRequest]) -> list[ModelReply]:
    """Submit all requests together and return their replies."""
    return list(await asyncio.gather(*map(model.reply, requests)))


@pytest.fixture
def scored(ask: Any) -> list[ModelRequest]:
    """Return requests of two alternating instructions for reviews of different lengths."""
    systems = itertools.cycle([INSTRUCTION, "Answer with the sentiment."])
    return [ask(f"Review: {text}", system=next(systems), options=OPTIONS) for text in REVIEWS]


async def test_scores_equal_those_computed_one_by_one(
    embedded: Model, engine: Any, reference: Any, scored: list[ModelRequest]
) -> None:
    """Sharing prefixes changes no sum of log-probabilities by more than 1e-3 nats, even when repeated."""
    expected = [reference_logprobs(engine, reference, request) for request in scored]
    for order in (slice(None), slice(None, None, -1)):
        replies = await replies_to(embedded, scored[order])
        for reply, logprobs in zip(replies, expected[order], strict=True):
            assert reply.option_logprobs == pytest.approx(logprobs, abs=1e-3)


async def test_scored_reply_counts_prompt_and_option_tokens(embedded: Model, engine: Any, ask: Any) -> None:
    """A scored reply has no text, and its prompt tokens are those of the prompt and all options."""
    request = ask("Review: fine.", options=("good", "very bad"))
    reply = await embedded.reply(request)
    assert (reply.text, reply.finish, reply.completion_tokens) == ("", "scored", 0)
    assert reply.prompt_tokens == len(prompt_tokens(engine, request)) + 3


async def test_order_of_options_does_not_matter(embedded: Model, ask: Any) -> None:
    """An option's score does not depend on the other options, even if one occurs twice."""
    one = await embedded.reply(ask("Review: fine.", options=("good", "very bad")))
    two = await embedded.reply(ask("Review: fine.", options=("very bad", "good", "very bad")))
    assert one.option_logprobs is not None
    good, bad = one.option_logprobs
    assert two.option_logprobs == pytest.approx([bad, good, bad], abs=1e-3)


async def test_greedy_answers_equal_those_generated_one_by_one(
    embedded: Model, engine: Any, reference: Any, ask: Any
) -> None:
    """Generating in a batch gives the text that transformers' own loop gives for each request alone."""
    import torch

    requests = [ask(f"Review: {text}", system=INSTRUCTION, max_tokens=12) for text in REVIEWS]
    for request, reply in zip(requests, await replies_to(embedded, requests), strict=True):
        prompt = torch.tensor([prompt_tokens(engine, request)])
        alone = reference.generate(
            prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=12, do_sample=False
        )[0, prompt.shape[1] :]
        assert reply.text == engine._tokenizer.decode(alone, skip_special_tokens=True)
        assert (reply.prompt_tokens, reply.completion_tokens) == (prompt.shape[1], len(alone))


async def test_sample_depends_on_its_seed_and_not_on_its_batch(embedded: Model, ask: Any) -> None:
    """A seeded sample is the same alone and in a batch; another seed gives another sample."""
    requests = [ask("Invent a name.", temperature=1.5, seed=seed, max_tokens=8) for seed in range(4)]
    together = [reply.text for reply in await replies_to(embedded, requests)]
    assert (await embedded.reply(requests[2])).text == together[2]
    assert len(set(together)) > 1


async def test_unseeded_samples_differ(embedded: Model, ask: Any) -> None:
    """Without a seed, samples of one request are independent."""
    requests = [ask("Invent a long name.", temperature=2.0, max_tokens=8, sample=n) for n in range(4)]
    assert len({reply.text for reply in await replies_to(embedded, requests)}) > 1


async def test_stop_string_cuts_the_answer(embedded: Model, ask: Any) -> None:
    """The answer ends before its first stop string, with the finish reason "stop"."""
    whole = (await embedded.reply(ask("Count from one to five.", max_tokens=20))).text
    stop = whole[4:6]
    reply = await embedded.reply(ask("Count from one to five.", max_tokens=20, stop=("\0never", stop)))
    assert reply.text == whole[: whole.index(stop)]
    assert reply.finish == "stop"
    assert reply.completion_tokens < 20


async def test_finish_tells_an_end_from_a_limit(embedded: Model, ask: Any) -> None:
    """An answer that the model ends has finish "stop"; one that reaches max_tokens has "length"."""
    short, long = await replies_to(
        embedded,
        [ask("What is the capital of France?", max_tokens=60), ask("Tell a long story.", max_tokens=3)],
    )
    assert (short.finish, long.finish, long.completion_tokens) == ("stop", "length", 3)
    assert short.completion_tokens < 60


async def test_conversation_that_contains_another_answer_changes_nothing(embedded: Model, ask: Any) -> None:
    """A prompt that contains the answer of another request in the batch changes neither reply."""
    first = ask("Name a colour.", max_tokens=6)
    alone = await embedded.reply(first)
    turns = (
        *first.messages,
        {"role": "assistant", "content": alone.text},
        {"role": "user", "content": "Why?"},
    )
    second = ModelRequest.model_validate({"messages": turns, "max_tokens": 6})
    after = await embedded.reply(second)
    assert [reply.text for reply in await replies_to(embedded, [first, second])] == [alone.text, after.text]


async def test_prompt_beyond_the_context_is_refused_alone(embedded: Model, ask: Any) -> None:
    """A prompt that is too long is refused with the limit; another request in the batch is answered."""
    long, short = await asyncio.gather(
        embedded.reply(ask("word " * 9000)), embedded.reply(ask("Hi.", max_tokens=1)), return_exceptions=True
    )
    assert isinstance(long, ModelError)
    assert long.cause == "context_length"
    assert "8192" in long.message
    assert isinstance(short, ModelReply)


async def test_empty_option_is_refused(embedded: Model, ask: Any) -> None:
    """An option without tokens has no likelihood and is refused."""
    with pytest.raises(ModelError, match="no token") as caught:
        await embedded.reply(ask("x", options=("a", "")))
    assert caught.value.cause == "bad_request"


async def test_failure_of_torch_has_a_cause(
    embedded: Model, engine: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure for another reason than memory is a server error, and the model works after it."""
    with monkeypatch.context() as patch:
        patch.setattr(engine._forward, "decode", failing("something else"))
        with pytest.raises(ModelError, match="something else") as caught:
            await embedded.reply(ask("Hi.", max_tokens=1))
    assert caught.value.cause == "server_error"
    assert isinstance(await embedded.reply(ask("Hi.", max_tokens=1)), ModelReply)


def failing(text: str) -> Any:
    """Return a function that raises an error of torch."""

    def fail(*_: Any) -> None:
        raise RuntimeError(text)

    return fail


@pytest.mark.parametrize(
    "text",
    [
        "CUDA out of memory. Tried to allocate 2 GiB",
        "[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory",
        "DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes.",
    ],
)
async def test_batch_too_large_for_memory_is_halved(
    embedded: Model, engine: Any, scored: list[ModelRequest], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Requests that do not fit together are answered in smaller batches, in their order."""
    expected = await replies_to(embedded, scored)
    sizes, score = [], engine._forward.score

    def scarce(batch: Any) -> Any:
        sizes.append(len(batch))
        if len(batch) > 2:
            raise RuntimeError(text)
        return score(batch)

    monkeypatch.setattr(engine._forward, "score", scarce)
    replies = await replies_to(embedded, scored)
    assert sizes == [5, 2, 3, 1, 2]
    for reply, plenty in zip(replies, expected, strict=True):
        assert reply.option_logprobs == pytest.approx(plenty.option_logprobs, abs=1e-3)


async def test_request_too_large_for_memory_fails_alone(
    embedded: Model, engine: Any, ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that does not fit alone is out of memory; the others in its batch are answered."""
    decode_all = engine._forward.decode

    def scarce(prompts: Any, decode: Any) -> None:
        if max(map(len, prompts)) > 100:
            raise RuntimeError("CUDA out of memory.")
        decode_all(prompts, decode)

    monkeypatch.setattr(engine._forward, "decode", scarce)
    requests = [ask("Hi.", max_tokens=1), ask("word " * 100, max_tokens=1), ask("Ho.", max_tokens=1)]
    one, large, other = await asyncio.gather(*map(embedded.reply, requests), return_exceptions=True)
    assert isinstance(one, ModelReply)
    assert isinstance(other, ModelReply)
    assert isinstance(large, ModelError)
    assert large.cause == "out_of_memory"
    assert not large.retryable


async def test_abandoned_answers_are_not_finished(embedded: Model, engine: Any, ask: Any) -> None:
    """Once its callers have gone, a batch ends after the current token, long before the last one."""
    passes, third, loop = 0, asyncio.Event(), asyncio.get_running_loop()

    def count(*_: Any) -> None:
        nonlocal passes
        passes += 1
        if passes == 3:
            loop.call_soon_threadsafe(third.set)

    with engine._model.register_forward_hook(count):
        waiting = asyncio.create_task(embedded.reply(ask("Tell a very long story.", max_tokens=2000)))
        await third.wait()
        waiting.cancel()
        await asyncio.wait([waiting])
        assert isinstance(await embedded.reply(ask("Hi.", max_tokens=1)), ModelReply)
    assert passes < 1000


async def test_failure_inside_a_pass_leaves_later_scores_correct(
    embedded: Model, engine: Any, reference: Any, scored: list[ModelRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed pass, scores are still correct."""
    from transfer_prompting.agents.models.local import spans

    with monkeypatch.context() as patch:
        patch.setattr(spans.Span, "attend", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await embedded.reply(scored[0])
    reply = await embedded.reply(scored[1])
    assert reply.option_logprobs == pytest.approx(reference_logprobs(engine, reference, scored[1]), abs=1e-3)


async def test_folder_answers_like_the_model_it_was_saved_from(embedded: Model, ask: Any) -> None:
    """The converted folder, named by a user, gives the embedded model's answers."""
    from transfer_prompting.agents.models.local.smollm2 import embedded_status

    model = TransformersModel(str(embedded_status().folder), dtype="float32", threads=1)
    request = ask("What is the capital of France?", max_tokens=8)
    assert (await model.reply(request)).text == (await embedded.reply(request)).text
    await model.close()


def test_embedded_model_shares_prefixes(engine: Any) -> None:
    """The embedded model uses the forward pass that shares prefixes, not the slow plain one."""
    assert type(engine._forward).__name__ == "SharedForward"


def test_identity_names_weights_and_precision(embedded: Model) -> None:
    """The embedded model is identified by its file's digest and by float32, its precision here."""
    assert embedded.identity == "smollm2:135m-instruct-q4_1@b179c9523d0e:float32"
    assert embedded.scores_options
    assert isinstance(embedded, Model)


def test_unknown_precision_is_refused(tmp_path: Path) -> None:
    """A dtype that is not a floating-point type is refused immediately."""
    source = ModelSource("x", lambda: WeightsLocation("x"))
    with pytest.raises(ModelError, match="int8"):
        TransformersModel(source, dtype="int8")


async def test_folder_without_weights_fails_the_first_request(tmp_path: Path, ask: Any) -> None:
    """A fault that only loading reveals raises a ModelError that names the folder."""
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    model = TransformersModel(str(tmp_path))
    with pytest.raises(ModelError, match="Can't load") as caught:
        await model.reply(ask())
    await model.close()
    assert caught.value.cause == "bad_request"


async def test_missing_gpu_fails_the_first_request(ask: Any) -> None:
    """A GPU that PyTorch does not find raises an error that advises to use the CPU."""
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    model = TransformersModel(ModelSource("x", lambda: WeightsLocation("x")), device="cuda")
    with pytest.raises(ModelError, match='device = "cpu"'):
        await model.reply(ask())
    await model.close()
    assert model.identity == "x:bfloat16"
