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


class ReorderedLinear(torch.nn.Module):
    """A linear layer of float32 weights on a processor, with a reordered copy of them for few rows."""

    def __init__(self, linear: torch.nn.Linear) -> None:
        super().__init__()
        self.linear = linear
        self._reordered = torch.ops.mkldnn._reorder_linear_weight(linear.weight.detach(), _FEW // 2)

    def forward(self, inputs: Any) -> Any:
        """Return the product [..., outputs] with inputs [..., inputs]."""
        if inputs.numel() // inputs.shape[-1] > _FEW:
            return self.linear(inputs)
        return torch.ops.mkldnn._linear_pointwise(inputs, self._reordered, self.linear.bias, "none", [], "")


def reorder(model: Any) -> None:
    """Replace the linear layers of a float32 model on a processor, the largest first, as far as room goes."""
    if model.device.type != "cpu" or model.dtype != torch.float32 or not _can_reorder():
        return
    layers = [(name, layer) for name, layer in model.named_modules() if type(layer) is torch.nn.Linear]
    room = _COPIES
    for name, layer in sorted(layers, key=lambda entry: -entry[1].weight.nbytes):
        if layer.weight.nbytes <= room:
            room -= layer.weight.nbytes
            model.set_submodule(name, ReorderedLinear(layer))


def _can_reorder() -> bool:
    """Try it: the operators are PyTorch's own, made for its compiler, and not in every build."""
    try:
        linear, rows = torch.nn.Linear(48, 32), torch.randn(4, 48)
        with torch.inference_mode():
            return torch.allclose(ReorderedLinear(linear)(rows), linear(rows), atol=1e-4)
    except (AttributeError, RuntimeError):
        return False
