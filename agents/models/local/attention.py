"""Attention over a prefix that rows share and over each row's own tokens, merged exactly.

Softmax over two sets of keys is the average of the softmaxes over each, weighted by their normalisers
(Milakov and Gimelshein 2018, "Online normalizer calculation for softmax"). The keys of a shared prefix are
therefore stored and read once, not once per row.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from transformers import AttentionInterface

NAME = "transfer_prompting_shared"
# Arguments of architectures whose attention is of another kind.
_UNSUPPORTED = ("softcap", "s_aux", "sliding_window", "position_bias")


class Pass(Protocol):
    """The tokens of one forward pass, and the keys and values that each of them attends to."""

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Return the output [tokens, heads, size] for query, key and value [heads, tokens, size]."""


_thread = threading.local()


@contextmanager
def active_pass(current: Pass) -> Iterator[None]:
    """Make `current` the pass of this thread, because the model's layers cannot be given it."""
    _thread.current = current
    try:
        yield
    finally:
        del _thread.current


def attention(
    module: Any, query: Any, key: Any, value: Any, _mask: Any, scaling: float | None = None, **other: Any
) -> tuple[Any, None]:
    """Return the attention of this thread's active pass, and None for the weights.

    query, key and value are [1, heads, tokens, size]; the output is [1, tokens, heads, size]. Raises
    `NotImplementedError` for architectures whose attention is of another kind.
    """
    unsupported = [name for name in _UNSUPPORTED if other.get(name) is not None]
    if unsupported:
        raise NotImplementedError(f"attention with {', '.join(unsupported)}")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if query.device.type == "cpu":
        # On a CPU, attention in half precision is several times slower than in float32.
        result = _thread.current.attend(
            module.layer_idx, query[0].float(), key[0].float(), value[0].float(), scale
        )
    else:
        result = _thread.current.attend(module.layer_idx, query[0], key[0], value[0], scale)
    return result[None].to(query.dtype), None


AttentionInterface.register(NAME, attention)


def attend_to(query: Any, keys: Any, values: Any, mask: Any, scale: float) -> tuple[Any, Any]:
    """Return (output [b, h, q, size], log of the softmax's normaliser [b, h, q]).

    `query` is [b, h, q, size], `keys` and `values` are [b, h, k, size], and `mask` is None or additive,
    [b, 1, q, k].
    """
    if query.device.type == "cpu" and query.dtype == torch.float32:
        fused = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
        output, norm = fused(query, keys, values, attn_mask=mask, scale=scale)
        return output, norm
    scores = (query @ keys.transpose(-1, -2)).float() * scale
    if mask is not None:
        scores = scores + mask
    return scores.softmax(dim=-1).to(values.dtype) @ values, scores.logsumexp(dim=-1)


def merge(first: tuple[Any, Any], second: tuple[Any, Any]) -> Any:
    """Return the output over two sets of keys, given (output, log of the normaliser) over each."""
    weight = torch.sigmoid(first[1].float() - second[1].float())[..., None].to(first[0].dtype)
    return torch.lerp(second[0], first[0], weight)
