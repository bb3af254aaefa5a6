"""The two ways through a model, on small random ones: they agree, and the right one is chosen."""

from collections.abc import Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
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


def tree_forward(model: Any) -> Any:
    from transfer_prompting.agents.models.local_forward import TreeForward

    return TreeForward(model)


def plain_forward(model: Any) -> Any:
    from transfer_prompting.agents.models.local_plain import PlainForward

    return PlainForward(model)


def whole_logits(model: Any, tokens: list[int]) -> Any:
    """Return the logits after a sequence in one pass without any cache."""
    return model(input_ids=torch.tensor([tokens]), use_cache=False).logits[0, -1]


SEQUENCES = [[5, 6, 7, 8, 9], [5, 6, 7], [5, 6, 7, 1, 2, 3, 4], [11], [5, 6, 7, 8, 9], [5, 6, 7, 8]]


@pytest.mark.parametrize("kind", ["llama", "qwen2", "qwen3", "gemma", "phi3", "gpt2", "mistral"])
@pytest.mark.parametrize("forward", [tree_forward, plain_forward])
def test_both_forwards_give_the_logits_of_whole_sequences(kind: str, forward: Any) -> None:
    """Over several batches, with contexts that extend others, logits equal those computed alone."""
    model = small(kind, **({"sliding_window": None} if kind in {"mistral", "phi3"} else {}))
    way = forward(model)
    with torch.inference_mode():
        for batch in (SEQUENCES, SEQUENCES[::-1], [[5, 6, 40], [41, 42]], SEQUENCES):
            way.begin()
            logits = way.logits([way.insert(sequence) for sequence in batch])
            expected = torch.stack([whole_logits(model, sequence) for sequence in batch])
            torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("forward", [tree_forward, plain_forward])
def test_growing_contexts_give_the_logits_of_whole_sequences(forward: Any) -> None:
    """Contexts read on token by token, some dropped on the way, keep their meaning."""
    model = small("llama")
    way, texts = forward(model), [list(sequence) for sequence in SEQUENCES]
    with torch.inference_mode():
        way.begin()
        contexts = [way.insert(text) for text in texts]
        for step in range(5):
            logits = way.logits(contexts)
            expected = torch.stack([whole_logits(model, text) for text in texts])
            torch.testing.assert_close(logits, expected, atol=1e-4, rtol=1e-4)
            keep = slice(0, max(1, len(texts) - step))
            texts, contexts = texts[keep], way.narrow(contexts[keep])
            texts = [[*text, 20 + step] for text in texts]
            contexts = [way.insert([20 + step], after=context) for context in contexts]


def test_shared_beginnings_are_computed_once() -> None:
    """In a batch the tree passes each distinct beginning through the model once."""
    model, seen = small("llama"), []
    model.register_forward_pre_hook(
        lambda _, args, kwargs: seen.append(kwargs["input_ids"].shape[1]), with_kwargs=True
    )
    way = tree_forward(model)
    with torch.inference_mode():
        for batch in ([[1, 2, 3, 4], [1, 2, 3, 5]], [[1, 2, 3, 6], [1, 2, 3, 7, 8]]):
            way.begin()
            way.logits([way.insert(sequence) for sequence in batch])
    assert seen == [5, 6]


def test_what_went_before_changes_no_bit() -> None:
    """A batch gives the same logits to the last bit, whatever was computed before it."""
    model = small("llama")
    used, fresh = tree_forward(model), tree_forward(model)
    with torch.inference_mode():
        used.begin()
        used.logits([used.insert(sequence) for sequence in ([5, 6, 7], [11, 12])])
        for way in (used, fresh):
            way.begin()
        mine, theirs = (way.logits([way.insert(sequence) for sequence in SEQUENCES]) for way in (used, fresh))
    assert torch.equal(mine, theirs)


def test_more_nodes_than_a_pass_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree larger than one pass is computed in several."""
    from transfer_prompting.agents.models import local_forward

    monkeypatch.setattr(local_forward, "NODES_PER_PASS", 4)
    test_both_forwards_give_the_logits_of_whole_sequences("llama", tree_forward)


@pytest.mark.parametrize(
    ("kind", "settings", "chosen"),
    [
        ("llama", {}, "TreeForward"),
        ("gpt2", {}, "TreeForward"),
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
    from transfer_prompting.agents.models.local_loading import choose_forward

    forward = choose_forward(small(kind, **settings))
    assert type(forward).__name__ == chosen
    forward.begin()
    with torch.inference_mode():
        assert forward.logits([forward.insert([1, 2, 3])]).shape == (1, 64)
