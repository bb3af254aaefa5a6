"""Faster linear layers for few rows, with weights in the order in which the CPU multiplies them.

PyTorch reorders a weight at every call. That pays off for a thousand rows, but not for the few dozen rows of
one decoding step.
"""

from typing import Any

import torch

# Above this number of rows, PyTorch's own product is faster.
_MAX_ROWS = 128
# Most bytes of all reordered copies. Only small models get a copy of every layer.
_COPIES_BYTES = 1 << 30


class ReorderedProduct:
    """The forward pass of a float32 linear layer on a CPU, with a reordered weight for few rows."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        self._bias = linear.bias
        self._reordered = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), _MAX_ROWS // 2)
        self._original = linear.forward

    def __call__(self, inputs: Any) -> Any:
        """Return the product [..., outputs] for inputs [..., inputs]."""
        if inputs.numel() // inputs.shape[-1] > _MAX_ROWS:
            return self._original(inputs)
        return torch.ops.mkldnn._linear_pointwise(inputs, self._reordered, self._bias, "none", [], "")


def reorder(model: Any) -> None:
    """Speed up the linear layers of a float32 model on a CPU, the largest first, while memory allows."""
    if model.device.type != "cpu" or model.dtype != torch.float32 or not _can_reorder():
        return
    room = _COPIES_BYTES
    # Not subclasses, which may multiply in another way.
    layers = [layer for layer in model.modules() if type(layer) is torch.nn.Linear]
    for layer in sorted(layers, key=lambda layer: -layer.weight.nbytes):
        if layer.weight.nbytes <= room:
            room -= layer.weight.nbytes
            layer.forward = ReorderedProduct(layer)


def _can_reorder() -> bool:
    """Try the operators, which PyTorch has for its compiler and not in every build."""
    linear, rows = torch.nn.Linear(48, 32), torch.randn(4, 48)
    try:
        with torch.inference_mode():
            return bool(torch.allclose(ReorderedProduct(linear)(rows), linear(rows), atol=1e-4))
    except (AttributeError, RuntimeError):
        return False
