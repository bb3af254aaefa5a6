"""The two ways through a model, on small random ones: they agree, and the right one is chosen."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
import transformers

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

SMALL = {
    "vocab_size": 64,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": 0,
    "eos_token_id": 0,
    "bos_token_id": 0,
}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Models this small run faster on one thread, and much faster beside other test processes."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def small(kind: str, **settings: Any) -> Any:
    """Return a small random model of an architecture."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(kind, **{**SMALL, **settings})
    return transformers.AutoModelForCausalLM.from_config(config).eval()


def shared_forward(model: Any, threads: int = 1) -> Any:
    from transfer_prompting.agents.models.local.attention import NAME
    from transfer_prompting.agents.models.local.forward import SharedForward
    from transfer_prompting.agents.models.local.workers import Workers

    model.set_attn_implementation(NAME)
    return SharedForward(model, Workers(threads, cpu=True))


def plain_forward(model: Any) -> Any:
    from transfer_prompting.agents.models.local.plain import PlainForward

    return PlainForward(model)


def whole_logits(model: Any, tokens: list[int]) -> Any:
    """Return the logits [tokens, vocabulary] of a sequence in one pass without any cache."""
    with torch.inference_mode():
        return model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0]


def whole_score(model: Any, prompt: list[int], option: list[int]) -> float:
    """Return the option's log-probability, computed alone."""
    logprobs = whole_logits(model, prompt + option).log_softmax(-1)[len(prompt) - 1 :]
    return sum(float(logprobs[place, token]) for place, token in enumerate(option))


INSTRUCTION = [(7 * place) % 60 + 1 for place in range(40)]
# Some share an instruction, one of them long; some share nothing; two are the same.
PROMPTS = [
    [*INSTRUCTION, 5, 6, 7],
    [11],
    [*INSTRUCTION, 5],
    [*INSTRUCTION, 9, 9, 8, 8, 7, 7],
    [*INSTRUCTION, 5],
    [1, 2, 3, 4, 5, 6],
]
OPTIONS = [[3], [4, 5, 6], [4, 5], [7]]
KINDS = ["llama", "qwen2", "qwen3", "gemma", "phi3", "gpt2", "mistral"]
FORWARDS = [shared_forward, plain_forward]


def model_of(kind: str) -> Any:
    return small(kind, **({"sliding_window": None} if kind in {"mistral", "phi3"} else {}))


def fed(step: int) -> int:
    """Return the token that every row is fed at a step."""
    return 20 + step % 30


def written(forward: Any, prompts: list[list[int]], steps: int, lengths: list[int]) -> dict[int, list[Any]]:
    """Feed the same tokens to every row `steps` times, each row up to its length; return all logits."""
    seen: dict[int, list[Any]] = {row: [] for row in range(len(prompts))}

    def finish(writing: Any, rows: Any) -> None:
        live, logits = list(rows), writing.start()
        for step in range(steps):
            for row, line in zip(live, logits, strict=True):
                seen[row].append(line)
            going = [place for place, row in enumerate(live) if lengths[row] > step]
            if not going:
                return
            live = [live[place] for place in writing.keep(going)]
            logits = writing.step([fed(step)] * len(live))

    forward.write(prompts, finish)
    return seen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forward", FORWARDS)
def test_scores_equal_those_of_whole_sequences(kind: str, forward: Any) -> None:
    """Options side by side behind a shared prompt score as each does alone on its whole text."""
    from transfer_prompting.agents.models.local.scoring import Encoded

    model, same = model_of(kind), model_of(kind)
    way = forward(model)
    for prompts in (PROMPTS, PROMPTS[::-1], PROMPTS[:1]):
        scores = way.score([Encoded(prompt, OPTIONS) for prompt in prompts])
        for prompt, row in zip(prompts, scores, strict=True):
            assert row == pytest.approx([whole_score(same, prompt, option) for option in OPTIONS], abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forward", FORWARDS)
def test_growing_answers_give_the_logits_of_whole_sequences(kind: str, forward: Any) -> None:
    """Rows read on token by token, some dropped on the way, keep their meaning."""
    model, same = model_of(kind), model_of(kind)
    lengths = [5, 1, 3, 0, 5, 2]
    for row, logits in written(forward(model), PROMPTS, 6, lengths).items():
        text = PROMPTS[row] + [fed(step) for step in range(lengths[row])]
        expected = whole_logits(same, text)[len(PROMPTS[row]) - 1 :]
        torch.testing.assert_close(torch.stack(logits), expected, atol=1e-4, rtol=1e-4)


def test_rows_outgrow_their_first_room() -> None:
    """An answer longer than the room made for it at first goes on in a larger one."""
    model, same = small("llama"), small("llama")
    (logits,) = written(shared_forward(model), [[5, 6]], 100, [99]).values()
    expected = whole_logits(same, [5, 6, *map(fed, range(99))])[1:]
    torch.testing.assert_close(torch.stack(logits), expected, atol=1e-4, rtol=1e-4)


def test_prompts_longer_than_a_pass_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and branches beyond the size of one pass give the same scores and answers."""
    from transfer_prompting.agents.models.local import forward, packing

    monkeypatch.setattr(packing, "PASS_TOKENS", 4)
    monkeypatch.setattr(forward, "PASS_TOKENS", 4)
    test_scores_equal_those_of_whole_sequences("llama", shared_forward)
    test_growing_answers_give_the_logits_of_whole_sequences("llama", shared_forward)


def test_two_workers_give_the_same_answers() -> None:
    """A batch cut into parts for two threads gives each prompt its own logits."""
    model, same = small("llama"), small("llama")
    prompts = [[*INSTRUCTION, *range(1, 2 + row)] for row in range(20)]
    seen = written(shared_forward(model, threads=2), prompts, 2, [1] * 20)
    for prompt, logits in zip(prompts, seen.values(), strict=True):
        expected = whole_logits(same, [*prompt, fed(0)])[len(prompt) - 1 :]
        torch.testing.assert_close(torch.stack(logits), expected, atol=1e-4, rtol=1e-4)


def test_shared_beginnings_are_computed_once() -> None:
    """Each pass holds new tokens only: the instruction passes once for all batches, options once each."""
    from transfer_prompting.agents.models.local.scoring import Encoded

    model, seen = small("llama"), []
    way = shared_forward(model)
    model.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    for first in (1, 11):
        way.score([Encoded([*INSTRUCTION, *INSTRUCTION, first + n], [[2, 3], [4]]) for n in range(3)])
    # Three last tokens of prompts, and the first tokens of their longer options.
    assert seen == [80, 6, 6]


def test_what_went_before_changes_no_bit() -> None:
    """A batch gives the same logits to the last bit, whatever was computed and kept before it."""
    from transfer_prompting.agents.models.local.scoring import Encoded

    used, fresh = shared_forward(small("llama")), shared_forward(small("llama"))
    written(used, [[*INSTRUCTION, *INSTRUCTION, 1, row] for row in range(4)], 2, [1] * 4)
    prompts = [[*INSTRUCTION, *INSTRUCTION, row, 1] for row in range(4)]
    batch = [Encoded(prompt, OPTIONS) for prompt in prompts]
    assert used.score(batch) == fresh.score(batch)
    mine, theirs = (written(way, prompts, 2, [1] * 4) for way in (used, fresh))
    assert all(torch.equal(torch.stack(mine[row]), torch.stack(theirs[row])) for row in mine)


def test_kept_prefixes_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prefixes used longest ago are dropped where all would take too much memory."""
    from transfer_prompting.agents.models.local import forward
    from transfer_prompting.agents.models.local.scoring import Encoded

    way = shared_forward(small("llama"))
    # Two layers of 80 tokens, keys and values, two heads of 8 float32 numbers: 20,480 bytes each.
    monkeypatch.setattr(forward, "_PREFIX_BYTES", 45_000)
    for first in (1, 2, 3):
        way.score([Encoded([first, *INSTRUCTION, *INSTRUCTION, n], [[2]]) for n in range(3)])
    assert [key[0] for key in way._prefixes if key] == [2, 3]


@pytest.mark.parametrize(
    ("kind", "settings", "chosen"),
    [
        ("llama", {}, "SharedForward"),
        ("gpt2", {}, "SharedForward"),
        ("mistral", {"sliding_window": 8}, "PlainForward"),
        ("gemma3_text", {"sliding_window": 8, "head_dim": 8}, "PlainForward"),
        ("mamba", {"state_size": 4}, "PlainForward"),
        ("bloom", {}, "PlainForward"),
        (
            "llama",
            {"rope_parameters": {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}},
            "PlainForward",
        ),
    ],
)
def test_prefixes_are_shared_only_where_it_is_right(kind: str, settings: Any, chosen: str) -> None:
    """Architectures whose layers don't attend to the whole past by position go the plain way."""
    from transfer_prompting.agents.models.local.loading import choose_forward
    from transfer_prompting.agents.models.local.scoring import Encoded
    from transfer_prompting.agents.models.local.workers import Workers

    model, same = small(kind, **settings), small(kind, **settings)
    forward = choose_forward(model, Workers(1, cpu=True))
    assert type(forward).__name__ == chosen
    (scores,) = forward.score([Encoded([1, 2, 3], [[4, 5]])])
    assert scores == pytest.approx([whole_score(same, [1, 2, 3], [4, 5])], abs=1e-4)


@pytest.mark.parametrize("foreign", ["softcap", "s_aux", "sliding_window"])
def test_attention_of_another_kind_is_refused(foreign: str) -> None:
    """What an architecture asks of attention beyond a plain softmax is an error, never left out."""
    from transfer_prompting.agents.models.local.attention import attention

    heads = torch.zeros(1, 2, 3, 4)
    with pytest.raises(NotImplementedError, match=foreign):
        attention(None, heads, heads, heads, None, **{foreign: 1.0})
