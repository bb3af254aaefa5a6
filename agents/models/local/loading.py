"""Loading weights, and choosing how they are run."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from ..base import ModelError
from ..progress_bars import quiet_progress
from .attention import NAME
from .shared_forward import SharedForward
from .linear import reorder
from .plain_forward import PlainForward
from .scoring import EncodedRequest, Forward, Decoding
from .sources import ModelSource
from .workers import Workers

# Far above what rounding does (1e-4 in float32, 0.1 in bfloat16), far below what a wrong mask does.
_AGREEMENT = 0.5


def load(source: ModelSource, device: str, dtype: str) -> tuple[Any, Any]:
    """Return (model, tokenizer), ready to run; raise `ModelError` where they can't be had."""
    located = source.locate()
    place: dict[str, Any] = {**located.place}
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
    model = model.eval().to(device)
    reorder(model)
    return model, tokenizer


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def choose_forward(model: Any, workers: Workers) -> Forward:
    """Return the pass that shares prefixes if it agrees with the plain one on a small example.

    Windowed, recurrent and hybrid layers attend in ways of their own; rather than keep a list of
    them, both passes are tried.
    """
    plain = PlainForward(model)
    if not _whole_attention(model.config):
        return plain
    expected = _trial(plain, model)
    own, shared = model.config._attn_implementation, SharedForward(model, workers)
    try:
        model.set_attn_implementation(NAME)
        if model.config._attn_implementation != NAME:
            # The architecture takes no attention but its own, and only warns of it.
            return plain
        difference = (_trial(shared, model) - expected).abs().max()
    except (AttributeError, TypeError, ValueError, IndexError, RuntimeError):
        # The architecture refuses explicit positions or an attention that isn't its own.
        difference = float("inf")
    if float(difference) < _AGREEMENT:
        return shared
    model.set_attn_implementation(own)
    return plain


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
    """Return logits after prompts of unequal length with a common beginning, and scores of options."""
    size = min(model.config.vocab_size, 1000)
    tokens = [(7 * place) % size for place in range(1, 65)]
    prompts = [tokens[:48] + branch for branch in ([1], tokens[48:51], tokens[51:])]
    logits: dict[int, Any] = {}

    def finish(writing: Decoding, rows: Sequence[int]) -> None:
        writing.start()
        logits.update(zip(rows, writing.step([2] * len(rows)).float().log_softmax(-1).cpu(), strict=True))

    forward.write(prompts, finish)
    scores = forward.score([EncodedRequest(prompt, [[3, 4, 5], [6], [7, 8]]) for prompt in prompts])
    return torch.cat([*(logits[row] for row in range(len(prompts))), torch.tensor(scores).flatten()])
