"""The size of one forward pass, by the device: small enough for its memory, large enough to keep it busy."""

from dataclasses import dataclass
from typing import Any

import torch

# On a CPU fewer tokens leave the matrix units idle, and more do not fit into the cache. A large vocabulary
# makes the logits, as numbers, take more memory than anything else.
_CPU_TOKENS, _CPU_LOGITS = 1024, 1 << 26
# A GPU is kept busy by some ten thousand tokens.
_MOST_TOKENS, _MOST_LOGITS = 32_768, 1 << 29
_PART = 1 / 4
"""Part of the free memory that the activations of a pass may take, and as much again its logits."""
_HIDDEN, _INTERMEDIATE = 8, 4
"""Copies of a token's hidden and intermediate activations that are alive at a time, with some to spare."""
_PREFIX = 1024
"""Tokens of a shared prefix for which there is room in the scores of attention, which are float32."""
_LOGIT_BYTES = 8
"""Bytes of a logit, with its float32 copy."""


@dataclass(frozen=True, slots=True)
class PassSize:
    """Most tokens and most logits, as numbers, of one forward pass."""

    tokens: int = _CPU_TOKENS
    logits: int = _CPU_LOGITS


def pass_size(model: Any) -> PassSize:
    """Return the size of a pass on the device of a loaded model, by the memory that is free now."""
    if model.device.type != "cuda":
        return PassSize()
    free = _PART * torch.cuda.mem_get_info(model.device)[0]
    config = model.config
    hidden = config.hidden_size
    intermediate = getattr(config, "intermediate_size", None) or 4 * hidden
    activations = torch.finfo(model.dtype).bits // 8 * (_HIDDEN * hidden + _INTERMEDIATE * intermediate)
    scores = 4 * config.num_attention_heads * _PREFIX
    return PassSize(
        tokens=min(_MOST_TOKENS, max(_CPU_TOKENS, int(free / (activations + scores)))),
        logits=min(_MOST_LOGITS, max(_CPU_LOGITS, int(free / _LOGIT_BYTES))),
    )
