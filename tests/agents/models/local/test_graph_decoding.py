"""Decoding in recorded steps, on a CPU, which makes the same steps without recording them."""

from typing import Any

import pytest
import torch
from small_models import INSTRUCTION, model_of, whole_logits
from torch._subclasses.fake_tensor import FakeTensorMode

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]

PROMPTS = [[*INSTRUCTION, *INSTRUCTION, 5, 6, 7], [11], [*INSTRUCTION, *INSTRUCTION, 9], [2, 3], [4], [5]]


def greedy_text(model: Any, prompt: list[int], count: int) -> list[int]:
    """Return the most likely continuation of a prompt, each token from the whole text before it."""
    text = list(prompt)
    for _ in range(count):
        text.append(int(whole_logits(model, text)[-1].argmax()))
    return text[len(prompt) :]


def decoded(model: Any, prompts: list[list[int]], lengths: list[int]) -> dict[int, list[int]]:
    """Write greedy answers of the given lengths to all prompts in recorded steps."""
    from transfer_prompting.agents.models.local.graph_decoding import GraphDecoding
    from transfer_prompting.agents.models.local.scoring import EncodedRequest
    from transfer_prompting.agents.models.local.shared_forward import SharedForward
    from transfer_prompting.agents.models.local.workers import Workers

    model.set_attn_implementation("transfer_prompting_shared")
    forward = SharedForward(model, Workers(1, cpu=True))
    packed = sorted(
        forward._rows_of([EncodedRequest(prompt, []) for prompt in prompts]),
        key=lambda row: row.prefix.tokens,
    )
    texts: dict[int, list[int]] = {row: [] for row in range(len(prompts))}
    with torch.inference_mode():
        decoding = GraphDecoding(forward, packed, model.device, forward._size)
        rows = [row.request for row in packed]
        for row, token in zip(rows, decoding.prefill().argmax(-1).tolist(), strict=True):
            texts[row].append(token)
        while kept := [at for at, row in enumerate(rows) if len(texts[row]) < lengths[row]]:
            rows = [rows[at] for at in decoding.keep(kept)]
            left = max(lengths[row] - len(texts[row]) for row in rows)
            for row, found in zip(rows, decoding.greedy([texts[row][-1] for row in rows], left), strict=True):
                texts[row] += found
    return {row: text[: lengths[row]] for row, text in texts.items()}


@pytest.mark.parametrize("kind", ["llama", "qwen3", "gpt2"])
def test_recorded_steps_choose_the_most_likely_tokens(kind: str) -> None:
    """Rows of several prefixes that end at different steps get the text that each would get alone."""
    lengths = [30, 2, 9, 30, 1, 13]
    found = decoded(model_of(kind), PROMPTS, lengths)
    same = model_of(kind)
    for row, length in enumerate(lengths):
        assert found[row] == greedy_text(same, PROMPTS[row], length)


def test_answers_longer_than_a_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that outgrows the room of a recording goes on in another one."""
    from transfer_prompting.agents.models.local import graph_decoding

    monkeypatch.setattr(graph_decoding, "_ROOM", 10)
    found = decoded(model_of("llama"), PROMPTS[:1], [60])
    assert found[0] == greedy_text(model_of("llama"), PROMPTS[0], 60)


def test_rows_that_have_ended_may_pass_the_last_position() -> None:
    """A row that ended at the model's last position is carried along, and harms nothing."""
    model, same = (model_of("gpt2") for _ in range(2))
    last = model.config.max_position_embeddings
    prompts = [[3] * (last - 4), [1, 2], [5]]
    assert decoded(model, prompts, [4, 30, 30])[1] == greedy_text(same, [1, 2], 30)


def test_what_cannot_be_recorded_is_made_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose code waits for the device gets the same answers without a recording, tried once."""
    from transfer_prompting.agents.models.local import graph_decoding

    tried = []

    def refused(_step: Any, _device: Any) -> Any:
        tried.append(1)
        raise RuntimeError("CUDA error: operation not permitted when stream is capturing")

    monkeypatch.setattr(graph_decoding, "_recorded", refused)
    found, same = decoded(model_of("llama"), PROMPTS, [12] * len(PROMPTS)), model_of("llama")
    assert found == {row: greedy_text(same, prompt, 12) for row, prompt in enumerate(PROMPTS)}
    assert len(tried) == 1


def test_a_recording_that_does_not_fit_is_out_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full card is no reason to go on slowly: the batch is halved instead."""
    from transfer_prompting.agents.models.local import graph_decoding

    def full(_step: Any, _device: Any) -> Any:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(graph_decoding, "_recorded", full)
    with pytest.raises(torch.OutOfMemoryError):
        decoded(model_of("llama"), PROMPTS, [12] * len(PROMPTS))


def test_a_step_never_waits_for_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in a recorded step reads a value back, which would break the recording.

    Tensors without values stand for the device's.
    """
    from transfer_prompting.agents.models.local import graph_decoding
    from transfer_prompting.agents.models.local.graph_decoding import _RecordedSteps

    tried = []

    def without_values(step: Any, device: Any) -> Any:
        steps: _RecordedSteps = step.__self__
        with FakeTensorMode(allow_non_fake_inputs=True):
            before = list(steps._lengths), steps._tokens
            steps._lengths = [torch.zeros(len(one), dtype=torch.long) for one in steps._lengths]
            steps._tokens = torch.zeros(len(steps._tokens), dtype=torch.long)
            step()
            tried.append(steps)
            steps._lengths, steps._tokens = before
        raise StopIteration

    monkeypatch.setattr(graph_decoding, "_recorded", without_values)
    with pytest.raises(StopIteration):
        decoded(model_of("llama"), PROMPTS, [20] * len(PROMPTS))
    assert tried
