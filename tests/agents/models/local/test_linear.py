"""Linear layers with a reordered copy of their weights give the same results."""

import platform
from typing import Any

import pytest
import torch
import transformers

pytestmark = [pytest.mark.model, pytest.mark.xdist_group("model")]


@pytest.fixture(autouse=True)
def _inference() -> Any:
    """Disable gradients, because the layers are only used without them."""
    with torch.inference_mode():
        yield


def small_model(dtype: str = "float32") -> Any:
    """Return a small random model."""
    torch.manual_seed(0)
    config = transformers.AutoConfig.for_model(
        "llama",
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
    )
    return transformers.AutoModelForCausalLM.from_config(config).eval().to(getattr(torch, dtype))


def reordered_layers(model: Any) -> list[str]:
    """Return the names of the layers that have a reordered copy."""
    from transfer_prompting.agents.models.local.linear import ReorderedProduct

    return [name for name, layer in model.named_modules() if isinstance(layer.forward, ReorderedProduct)]


@pytest.fixture(autouse=True)
def _reordering(request: pytest.FixtureRequest) -> None:
    """Skip the test if this build of PyTorch lacks the operators."""
    from transfer_prompting.agents.models.local.linear import _can_reorder

    if platform.machine() not in {"x86_64", "AMD64"} and not _can_reorder():
        pytest.skip("this build of PyTorch cannot reorder weights")


@pytest.mark.parametrize("rows", [1, 31, 128, 129])
@pytest.mark.parametrize("bias", [True, False])
def test_reordered_layer_gives_the_same_products(rows: int, bias: bool) -> None:
    """Products are equal with and without a bias, for few rows, which use the copy, and for many."""
    from transfer_prompting.agents.models.local.linear import ReorderedProduct

    linear, inputs = torch.nn.Linear(48, 80, bias=bias), torch.randn(1, rows, 48)
    torch.testing.assert_close(ReorderedProduct(linear)(inputs), linear(inputs), atol=1e-5, rtol=1e-5)


def test_every_layer_of_a_small_model_is_reordered() -> None:
    """All projections and the head get a copy, and the model's logits stay the same."""
    from transfer_prompting.agents.models.local.linear import reorder

    model, tokens = small_model(), torch.arange(1, 20)[None]
    before = model(input_ids=tokens).logits
    reorder(model)
    assert len(reordered_layers(model)) == 2 * 7 + 1
    torch.testing.assert_close(model(input_ids=tokens).logits, before, atol=1e-5, rtol=1e-5)


def test_largest_layers_are_reordered_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies stop at their limit, which here suffices for the head of 64 x 32 numbers and nothing else."""
    from transfer_prompting.agents.models.local import linear

    monkeypatch.setattr(linear, "_COPIES_BYTES", 64 * 32 * 4)
    model = small_model()
    linear.reorder(model)
    assert reordered_layers(model) == ["lm_head"]


def test_models_in_half_precision_are_left_alone() -> None:
    """Only float32 weights are reordered."""
    from transfer_prompting.agents.models.local.linear import reorder

    model = small_model("bfloat16")
    reorder(model)
    assert reordered_layers(model) == []


def test_build_without_the_operators_leaves_the_model_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """If PyTorch lacks the operators, no layer is replaced and no error is raised."""
    from transfer_prompting.agents.models.local import linear

    def absent(linear: Any) -> Any:
        raise AttributeError("'_OpNamespace' 'mkldnn' object has no attribute '_reorder_linear_weight'")

    model = small_model()
    monkeypatch.setattr(linear, "ReorderedProduct", absent)
    linear.reorder(model)
    monkeypatch.undo()
    assert reordered_layers(model) == []
