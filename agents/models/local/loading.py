"""Loading of weights, and the choice of the forward pass for them."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from ..base import ModelError
from ..progress_bars import quiet_progress
from .attention import NAME
from .linear import reorder
from .plain_forward import PlainForward, positions_depend_on_length
from .scoring import Decoding, EncodedRequest, Forward
from .shared_forward import SharedForward
from .sources import ModelSource
from .workers import Workers

# Greatest difference between two passes that agree: a root mean square in standard deviations of what is
# compared. On SmolLM2-135M rounding causes 3e-6 in float32 and up to 0.12 in bfloat16, in which a plain pass
# itself is 0.06 from its float32 result; a mask or a position that is off by one token causes 0.7 or more.
_LEAST_TOLERANCE, _ROUNDINGS = 1e-3, 40


def load(source: ModelSource, device: str, dtype: str) -> tuple[Any, Any]:
    """Return (model, tokenizer), ready to run. Raises `ModelError` if they cannot be loaded."""
    location = source.locate()
    arguments: dict[str, Any] = {**location.arguments}
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise ModelError(
            "not_supported", "PyTorch finds no usable GPU.", advice='Set device = "cpu" in [models.NAME].'
        )
    try:
        with quiet_progress():
            tokenizer = AutoTokenizer.from_pretrained(location.name, **arguments)
            model = AutoModelForCausalLM.from_pretrained(
                location.name, dtype=getattr(torch, dtype), **arguments
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            "bad_request",
            f"Can't load a model from {location.name}: {_first_line(error)}",
            advice="Correct `model` and `revision` in [models.NAME].",
        ) from error
    if tokenizer.chat_template is None:
        raise ModelError(
            "not_supported",
            f"The tokenizer of {location.name} has no chat template.",
            advice="Name an instruction-tuned model.",
        )
    model = model.eval().to(device)
    reorder(model)
    return model, tokenizer


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def choose_forward(model: Any, workers: Workers) -> Forward:
    """Return the forward pass that shares prefixes if it agrees with the plain one on a small example.

    Windowed, recurrent and hybrid layers need the plain one. Both are tried, because a list of such
    architectures would never be complete.
    """
    plain = PlainForward(model)
    if not _has_full_attention(model.config):
        return plain
    expected = _results_on_example(plain, model)
    original, shared = model.config._attn_implementation, SharedForward(model, workers)
    try:
        model.set_attn_implementation(NAME)
        if model.config._attn_implementation != NAME:
            # The architecture accepts only its own attention, and merely warns.
            return plain
        results = _results_on_example(shared, model)
        difference = max(_difference(*pair) for pair in zip(results, expected, strict=True))
    except (AttributeError, TypeError, ValueError, IndexError, RuntimeError):
        # The architecture refuses explicit positions or a foreign attention.
        difference = float("inf")
    if difference <= max(_LEAST_TOLERANCE, _ROUNDINGS * torch.finfo(model.dtype).eps):
        return shared
    model.set_attn_implementation(original)
    return plain


def _difference(found: Any, expected: Any) -> float:
    """Return the root mean square of the differences, in standard deviations of the expected values."""
    return float((found - expected).square().mean().sqrt() / expected.std())


def _has_full_attention(config: Any) -> bool:
    """Return True if every layer attends to the whole past, at positions independent of its length."""
    kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
    windowed = getattr(config, "sliding_window", None) if kinds == {"full_attention"} else None
    whole = kinds == {"full_attention"} and not (windowed and _uses_window(config))
    return whole and not positions_depend_on_length(config)


def _uses_window(config: Any) -> bool:
    return bool(getattr(config, "use_sliding_window", True))


def _results_on_example(forward: Forward, model: Any) -> list[Any]:
    """Return the log-probabilities after each of some prompts with a common beginning, and options' scores.

    In bfloat16 single values of unlikely tokens differ by a nat, so only whole distributions tell.
    """
    size = min(model.config.vocab_size, 1000)
    tokens = [(7 * index) % size for index in range(1, 65)]
    prompts = [tokens[:48] + ending for ending in ([1], tokens[48:51], tokens[51:])]
    logprobs: dict[int, Any] = {}

    def decode(decoding: Decoding, rows: Sequence[int]) -> None:
        decoding.prefill()
        logprobs.update(zip(rows, decoding.step([2] * len(rows)).float().log_softmax(-1).cpu(), strict=True))

    forward.decode(prompts, decode)
    scores = forward.score([EncodedRequest(prompt, [[3, 4, 5], [6], [7, 8]]) for prompt in prompts])
    return [*(logprobs[row] for row in range(len(prompts))), torch.tensor(scores)]
