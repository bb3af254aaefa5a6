"""The two forward passes, on small random models: they agree, and the right one is chosen."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from small_models import INSTRUCTION, model_of, small, whole_logits

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Use one thread: small models run faster on it, and much faster if other tests run as well."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def shared_forward(model: Any, threads: int = 1) -> Any:
    from transfer_prompting.agents.models.local.attention import NAME
    from transfer_prompting.agents.models.local.shared_forward import SharedForward
    from transfer_prompting.agents.models.local.workers import Workers

    model.set_attn_implementation(NAME)
    return SharedForward(model, Workers(threads, cpu=True))


def plain_forward(model: Any) -> Any:
    from transfer_prompting.agents.models.local.plain_forward import PlainForward

    return PlainForward(model)


def whole_score(model: Any, prompt: list[int], option: list[int]) -> float:
    """Return the option's log-probability, computed alone."""
    logprobs = whole_logits(model, prompt + option).log_softmax(-1)[len(prompt) - 1 :]
    return sum(float(logprobs[index, token]) for index, token in enumerate(option))


# Some share an instruction, one of them with a long rest; some share nothing; two are equal.
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
# Architectures without full attention to the whole past at plain positions.
OTHERS = [
    pytest.param("mistral", {"sliding_window": 8}, id="window"),
    pytest.param("gemma3_text", {"sliding_window": 8, "head_dim": 8}, id="window and whole"),
    pytest.param("mamba", {"state_size": 4}, id="recurrent"),
    pytest.param("bloom", {}, id="by distance"),
]


def next_token(step: int) -> int:
    """Return the token that is appended to every row in a step."""
    return 20 + step % 30


def decode_rows(
    forward: Any, prompts: list[list[int]], steps: int, lengths: list[int]
) -> dict[int, list[Any]]:
    """Append the same tokens to all rows for `steps` steps, up to each row's length; return all logits."""
    seen: dict[int, list[Any]] = {row: [] for row in range(len(prompts))}

    def decode(decoding: Any, rows: Any) -> None:
        live, logits = list(rows), decoding.prefill()
        for step in range(steps):
            for row, row_logits in zip(live, logits, strict=True):
                seen[row].append(row_logits)
            kept = [index for index, row in enumerate(live) if lengths[row] > step]
            if not kept:
                return
            live = [live[index] for index in decoding.keep(kept)]
            logits = decoding.step([next_token(step)] * len(live))

    forward.decode(prompts, decode)
    return seen


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forward", FORWARDS)
def test_scores_equal_those_of_whole_sequences(kind: str, forward: Any) -> None:
    """An option scored with others after a shared prompt scores as it does alone on its whole text."""
    from transfer_prompting.agents.models.local.scoring import EncodedRequest

    model, same = model_of(kind), model_of(kind)
    tested = forward(model)
    for prompts in (PROMPTS, PROMPTS[::-1], PROMPTS[:1]):
        scores = tested.score([EncodedRequest(prompt, OPTIONS) for prompt in prompts])
        for prompt, row in zip(prompts, scores, strict=True):
            assert row == pytest.approx([whole_score(same, prompt, option) for option in OPTIONS], abs=1e-4)


@pytest.mark.parametrize(("kind", "settings"), OTHERS)
def test_texts_read_together_score_as_they_do_alone(kind: str, settings: Any) -> None:
    """Texts of different lengths in one pass do not change each other's scores, whatever the architecture."""
    from transfer_prompting.agents.models.local.scoring import EncodedRequest

    model, same = small(kind, **settings), small(kind, **settings)
    passes: list[int] = []
    model.register_forward_pre_hook(
        lambda _, args, kwargs: passes.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    scores = plain_forward(model).score([EncodedRequest(prompt, OPTIONS) for prompt in PROMPTS])
    for prompt, row in zip(PROMPTS, scores, strict=True):
        assert row == pytest.approx([whole_score(same, prompt, option) for option in OPTIONS], abs=1e-4)
    assert max(passes) > 1


def test_texts_of_one_length_are_read_together_where_positions_depend_on_it() -> None:
    """Nothing is padded if a longer neighbour would change the positions of a text."""
    from transfer_prompting.agents.models.local.scoring import EncodedRequest

    rope = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}
    model, seen = small("llama", rope_parameters=rope), []
    model.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
    )
    plain_forward(model).score([EncodedRequest([1, 2, n], [[3], [4, 5]]) for n in (3, 4)])
    assert seen == [(2, 3), (2, 4)]


@pytest.mark.parametrize(("limits", "most"), [({"logits": 64 * 8}, 8), ({"tokens": 90}, 90)])
def test_texts_read_together_fit_into_a_pass(
    limits: dict[str, int], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pass has no more tokens, and no more logits for a vocabulary of 64, than its size allows."""
    from transfer_prompting.agents.models.local import plain_forward as plain
    from transfer_prompting.agents.models.local.pass_size import PassSize
    from transfer_prompting.agents.models.local.scoring import EncodedRequest

    monkeypatch.setattr(plain, "pass_size", lambda _model: PassSize(**limits))
    model, same, seen = small("llama"), small("llama"), []

    def note(_module: Any, _args: Any, kwargs: Any) -> None:
        rows, width = kwargs["input_ids"].shape
        seen.append((rows, rows * (kwargs["logits_to_keep"] if "logits" in limits else width)))

    model.register_forward_pre_hook(note, with_kwargs=True)
    scores = plain_forward(model).score([EncodedRequest(prompt, OPTIONS) for prompt in PROMPTS])
    assert max(rows for rows, _ in seen) > 1
    assert max(size for rows, size in seen if rows > 1) <= most
    for prompt, row in zip(PROMPTS, scores, strict=True):
        assert row == pytest.approx([whole_score(same, prompt, option) for option in OPTIONS], abs=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("forward", FORWARDS)
def test_decoding_gives_the_logits_of_whole_sequences(kind: str, forward: Any) -> None:
    """Rows that grow token by token, while others are dropped, give the logits of their whole texts."""
    model, same = model_of(kind), model_of(kind)
    lengths = [5, 1, 3, 0, 5, 2]
    for row, logits in decode_rows(forward(model), PROMPTS, 6, lengths).items():
        text = PROMPTS[row] + [next_token(step) for step in range(lengths[row])]
        expected = whole_logits(same, text)[len(PROMPTS[row]) - 1 :]
        torch.testing.assert_close(torch.stack(logits), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        *OTHERS,
        pytest.param(
            "falcon_h1",
            {"head_dim": 8, "mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8},
            id="recurrent and whole",
        ),
        pytest.param("rwkv", {}, id="own state"),
        pytest.param("openai-gpt", {}, id="no cache"),
        pytest.param("xlstm", {}, id="own cache"),
    ],
)
def test_prompts_of_one_length_are_continued_together(kind: str, settings: Any) -> None:
    """Rows that share a cache, of which some end before others, get the logits of their whole texts."""
    model, same, passes = small(kind, **settings), small(kind, **settings), []
    model.register_forward_pre_hook(
        lambda _, args, kwargs: passes.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
    )
    prompts = [[*INSTRUCTION[:12], row, 2 * row] for row in (1, 2, 3, 4)] + [[5, 6]]
    lengths = [5, 1, 3, 0, 4]
    for row, logits in decode_rows(plain_forward(model), prompts, 6, lengths).items():
        text = prompts[row] + [next_token(step) for step in range(lengths[row])]
        expected = whole_logits(same, text)[len(prompts[row]) - 1 :]
        torch.testing.assert_close(torch.stack(logits[: len(expected)]), expected, atol=1e-4, rtol=1e-4)
    assert (4, 14) in passes


def test_rows_outgrow_their_first_room() -> None:
    """An answer that outgrows the room reserved for it continues in a larger one."""
    model, same = small("llama"), small("llama")
    (logits,) = decode_rows(shared_forward(model), [[5, 6]], 100, [99]).values()
    expected = whole_logits(same, [5, 6, *map(next_token, range(99))])[1:]
    torch.testing.assert_close(torch.stack(logits), expected, atol=1e-4, rtol=1e-4)


def test_prompts_longer_than_a_pass_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows and branches that exceed the size of one pass give the same scores and answers."""
    from transfer_prompting.agents.models.local import shared_forward as forwards
    from transfer_prompting.agents.models.local.pass_size import PassSize

    monkeypatch.setattr(forwards, "pass_size", lambda _model: PassSize(tokens=4))
    test_scores_equal_those_of_whole_sequences("llama", shared_forward)
    test_decoding_gives_the_logits_of_whole_sequences("llama", shared_forward)


def test_two_workers_give_the_same_answers() -> None:
    """A batch that is split for two threads gives each prompt its own logits."""
    model, same = small("llama"), small("llama")
    prompts = [[*INSTRUCTION, *range(1, 2 + row)] for row in range(20)]
    seen = decode_rows(shared_forward(model, threads=2), prompts, 2, [1] * 20)
    for prompt, logits in zip(prompts, seen.values(), strict=True):
        expected = whole_logits(same, [*prompt, next_token(0)])[len(prompt) - 1 :]
        torch.testing.assert_close(torch.stack(logits), expected, atol=1e-4, rtol=1e-4)


def test_shared_prefixes_are_computed_once() -> None:
    """Each pass holds only new tokens: the prefix is computed once for all batches, each option once."""
    from transfer_prompting.agents.models.local.scoring import EncodedRequest

    model, seen = small("llama"), []
    tested = shared_forward(model)
    model.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    for first in (1, 11):
        tested.score(
            [EncodedRequest([*INSTRUCTION, *INSTRUCTION, first + n], [[2, 3], [4]]) for n in range(3)]
        )
    # The last tokens of three prompts, and the first tokens of their longer options.
    assert seen == [80, 6, 6]


def test_earlier_batches_change_no_bit() -> None:
    """A batch gives the same logits to the last bit, whatever prefixes are kept from earlier batches."""
    from transfer_prompting.agents.models.local.scoring import EncodedRequest

    used, fresh = shared_forward(small("llama")), shared_forward(small("llama"))
    decode_rows(used, [[*INSTRUCTION, *INSTRUCTION, 1, row] for row in range(4)], 2, [1] * 4)
    prompts = [[*INSTRUCTION, *INSTRUCTION, row, 1] for row in range(4)]
    batch = [EncodedRequest(prompt, OPTIONS) for prompt in prompts]
    assert used.score(batch) == fresh.score(batch)
    first, second = (decode_rows(tested, prompts, 2, [1] * 4) for tested in (used, fresh))
    assert all(torch.equal(torch.stack(first[row]), torch.stack(second[row])) for row in first)


def test_kept_prefixes_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The least recently used prefixes are dropped if all of them would take too much memory."""
    from transfer_prompting.agents.models.local import shared_forward as forwards
    from transfer_prompting.agents.models.local.scoring import EncodedRequest

    tested = shared_forward(small("llama"))
    # Two layers of 80 tokens, keys and values, two heads of 8 float32 numbers: 20,480 bytes each.
    monkeypatch.setattr(forwards, "_PREFIX_BYTES", 45_000)
    for first in (1, 2, 3):
        tested.score([EncodedRequest([first, *INSTRUCTION, *INSTRUCTION, n], [[2]]) for n in range(3)])
    assert [key[0] for key in tested._prefixes if key] == [2, 3]


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
def test_prefixes_are_shared_only_if_it_is_correct(kind: str, settings: Any, chosen: str) -> None:
    """Architectures without full attention to the whole past get the plain forward pass."""
    from transfer_prompting.agents.models.local.loading import choose_forward
    from transfer_prompting.agents.models.local.scoring import EncodedRequest
    from transfer_prompting.agents.models.local.workers import Workers

    model, same = small(kind, **settings), small(kind, **settings)
    forward = choose_forward(model, Workers(1, cpu=True))
    assert type(forward).__name__ == chosen
    (scores,) = forward.score([EncodedRequest([1, 2, 3], [[4, 5]])])
    assert scores == pytest.approx([whole_score(same, [1, 2, 3], [4, 5])], abs=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_rounding_does_not_cost_the_shared_pass(dtype: Any) -> None:
    """In every dtype the passes agree up to rounding, which in bfloat16 is large, and prefixes are shared."""
    from transfer_prompting.agents.models.local.loading import choose_forward
    from transfer_prompting.agents.models.local.workers import Workers

    # Large weights, as those of a trained model: single log-probabilities of unlikely tokens differ by a nat.
    model = small("llama", num_hidden_layers=8, initializer_range=0.3).to(dtype)
    assert type(choose_forward(model, Workers(1, cpu=True))).__name__ == "SharedForward"


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_wrong_position_is_no_rounding(dtype: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass whose positions are off by one after the prefix is refused in every dtype."""
    from transfer_prompting.agents.models.local import loading
    from transfer_prompting.agents.models.local.shared_forward import SharedForward
    from transfer_prompting.agents.models.local.workers import Workers

    class Shifted(SharedForward):
        """A pass that takes every token after a prefix for the one after it."""

        def run(self, current: Any, tokens: Any, positions: Any, wanted: Any) -> Any:
            first = 0 if positions[0] == 0 else 1
            return super().run(current, tokens, [place + first for place in positions], wanted)

    monkeypatch.setattr(loading, "SharedForward", Shifted)
    model = small("llama", initializer_range=0.3).to(dtype)
    assert type(loading.choose_forward(model, Workers(1, cpu=True))).__name__ == "PlainForward"


@pytest.mark.parametrize("argument", ["softcap", "s_aux", "sliding_window"])
def test_attention_of_another_kind_is_refused(argument: str) -> None:
    """An argument that changes plain softmax attention raises an error and is never ignored."""
    from transfer_prompting.agents.models.local.attention import attention

    heads = torch.zeros(1, 2, 3, 4)
    with pytest.raises(NotImplementedError, match=argument):
        attention(None, heads, heads, heads, None, **{argument: 1.0})
