"""Attention over a prefix that all rows share and over each row's own tokens, the two merged exactly.

Softmax over two sets of keys is the average of the softmaxes over each, weighted by their normalisers
(Milakov and Gimelshein 2018, "Online normalizer calculation for softmax"): so the keys of a shared
prefix are stored and read once, not once per row.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from transformers import AttentionInterface

NAME = "transfer_prompting_shared"
# What some architectures ask of attention and this one does not do.
_FOREIGN = ("softcap", "s_aux", "sliding_window", "position_bias")


class Pass(Protocol):
    """Tokens under way through the model, and what they see."""

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Return the attention's output [tokens, heads, size] for query, key, value [heads, tokens, size]."""


_here = threading.local()


@contextmanager
def passing(tokens: Pass) -> Iterator[None]:
    """Make `tokens` the pass of this thread: the model's layers don't know of it."""
    _here.current = tokens
    try:
        yield
    finally:
        del _here.current


def attention(
    module: Any, query: Any, key: Any, value: Any, _mask: Any, scaling: float | None = None, **other: Any
) -> tuple[Any, None]:
    """Attend as the pass of this thread says; tensors are [1, heads, tokens, size].

    Raises `NotImplementedError` for architectures whose attention is of another kind.
    """
    foreign = [name for name in _FOREIGN if other.get(name) is not None]
    if foreign:
        raise NotImplementedError(f"attention with {', '.join(foreign)}")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    if query.device.type == "cpu":
        # On processors attention in half precision is several times slower than in float32.
        result = _here.current.attend(
            module.layer_idx, query[0].float(), key[0].float(), value[0].float(), scale
        )
    else:
        result = _here.current.attend(module.layer_idx, query[0], key[0], value[0], scale)
    return result[None].to(query.dtype), None


AttentionInterface.register(NAME, attention)


def attend_to(query: Any, keys: Any, values: Any, mask: Any, scale: float) -> tuple[Any, Any]:
    """Return (output [b, h, q, size], log of the softmax's normaliser [b, h, q]).

    `keys` and `values` are [b, h, k, size]; `mask` is additive, [b, 1, q, k], or None.
    """
    if query.device.type == "cpu" and query.dtype == torch.float32:
        fused = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
        output, norm = fused(query, keys, values, attn_mask=mask, scale=scale)
        return output, norm
    scores = (query @ keys.transpose(-1, -2)).float() * scale
    if mask is not None:
        scores = scores + mask
    return scores.softmax(dim=-1).to(values.dtype) @ values, scores.logsumexp(dim=-1)


def merged(one: tuple[Any, Any], other: tuple[Any, Any]) -> Any:
    """Return the output over the keys of both, given (output, log of the normaliser) over each."""
    share = torch.sigmoid(one[1].float() - other[1].float())[..., None].to(one[0].dtype)
    return torch.lerp(other[0], one[0], share)
