"""Linear layers for few rows: weights in the order in which the processor multiplies them.

The library's product reorders a weight at every call, which a thousand rows pay for and a few dozen,
the rows of one step of writing, do not.
"""

from typing import Any

import torch

# From as many rows on, the library's own product is faster.
_FEW = 128
# Reordered copies take at most so many bytes, so only small models get a copy of every layer.
_COPIES = 1 << 30


class ReorderedProduct:
    """The forward pass of a float32 linear layer on a processor, with a reordered copy for few rows."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        self._bias = linear.bias
        self._reordered = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), _FEW // 2)
        self._of_many = linear.forward

    def __call__(self, inputs: Any) -> Any:
        """Return the product [..., outputs] with inputs [..., inputs]."""
        if inputs.numel() // inputs.shape[-1] > _FEW:
            return self._of_many(inputs)
        return torch.ops.mkldnn._linear_pointwise(inputs, self._reordered, self._bias, "none", [], "")


def reorder(model: Any) -> None:
    """Speed up the linear layers of a float32 model on a processor, the largest first while there is room."""
    if model.device.type != "cpu" or model.dtype != torch.float32 or not _can_reorder():
        return
    room = _COPIES
    # Not their subclasses, which may multiply in another way.
    layers = [layer for layer in model.modules() if type(layer) is torch.nn.Linear]
    for layer in sorted(layers, key=lambda layer: -layer.weight.nbytes):
        if layer.weight.nbytes <= room:
            room -= layer.weight.nbytes
            layer.forward = ReorderedProduct(layer)


def _can_reorder() -> bool:
    """Try it: the operators are PyTorch's own, made for its compiler, and not in every build."""
    linear, rows = torch.nn.Linear(48, 32), torch.randn(4, 48)
    try:
        with torch.inference_mode():
            return bool(torch.allclose(ReorderedProduct(linear)(rows), linear(rows), atol=1e-4))
    except (AttributeError, RuntimeError):
        return False
