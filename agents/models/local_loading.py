"""Loading weights, and choosing how they are run."""

from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from .base import ModelError
from .local_forward import TreeForward
from .local_plain import PlainForward
from .local_scoring import Forward
from .quiet import quiet_progress
from .sources import ModelSource

# Far above what rounding does (1e-4 in float32, 0.1 in bfloat16), far below what a wrong mask does.
_AGREEMENT = 0.5


def load(source: ModelSource, device: str, dtype: str) -> tuple[Any, Any]:
    """Return (model, tokenizer), ready to run; raise `ModelError` where they can't be had."""
    located = source.locate()
    place: dict[str, Any] = {"revision": located.revision or "main"}
    if located.gguf_file is not None:
        place = {"gguf_file": located.gguf_file}
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(
            "not_supported", "PyTorch finds no usable GPU.", advice='Set device = "cpu" in [models.NAME].'
        )
    try:
        with quiet_progress():
            tokenizer = AutoTokenizer.from_pretrained(located.name, **place)
            model = AutoModelForCausalLM.from_pretrained(located.name, dtype=getattr(torch, dtype), **place)
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            "bad_request",
            f"Can't load a model from {located.name}: {_first_line(error)}",
            advice="Correct `model` and `revision` in [models.NAME].",
        ) from error
    if tokenizer.chat_template is None:
        raise ModelError(
            "not_supported",
            f"The tokenizer of {located.name} has no chat template.",
            advice="Name an instruction-tuned model.",
        )
    return model.eval().to(device), tokenizer


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def choose_forward(model: Any) -> Forward:
    """Return the pass that shares prefixes if it agrees with the plain one on a small example.

    Windowed, recurrent and hybrid layers ignore the tree's mask; rather than keep a list of them,
    both passes are tried on branches of unequal length.
    """
    plain = PlainForward(model)
    if not _whole_attention(model.config):
        return plain
    tree = TreeForward(model)
    try:
        difference = (_trial(tree, model) - _trial(plain, model)).abs().max()
    except (TypeError, ValueError, IndexError, RuntimeError):
        # The architecture refuses explicit positions or a mask of its own.
        return plain
    return tree if float(difference) < _AGREEMENT else plain


def _whole_attention(config: Any) -> bool:
    """Say whether every layer attends to the whole past at positions that don't depend on its length."""
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    windowed = getattr(config, "sliding_window", None) if kinds == {"full_attention"} else None
    rope = getattr(config, "rope_parameters", None) or {}
    stretched = rope.get("rope_type", "default") in {"dynamic", "longrope"}
    return kinds == {"full_attention"} and not stretched and not (windowed and _window_used(config))


def _window_used(config: Any) -> bool:
    return bool(getattr(config, "use_sliding_window", True))


def _trial(forward: Forward, model: Any) -> Any:
    size = min(model.config.vocab_size, 1000)
    tokens = [(7 * place) % size for place in range(1, 25)]
    with torch.inference_mode():
        forward.begin()
        contexts = [forward.insert(tokens[:16] + branch) for branch in ([], tokens[16:19], tokens[19:])]
        return forward.logits(contexts).log_softmax(dim=-1).cpu()
