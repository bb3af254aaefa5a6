"""Decoding of rows that continue shared prefixes."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import torch

from .attention import Pass
from .packing import PackedRow, blocks_of, inputs_of, passes_of, spans_of
from .pass_size import PassSize
from .spans import PackedPass, Span

Run = Callable[[Pass, list[int], list[int], list[int]], Any]
"""Runs a pass of (pass, tokens, positions, indices) and returns the logits [indices, vocabulary]."""


class SharedDecoding:
    """Decodes rows of a batch, whose prompts are read in passes of `size`. `keep` may change their order."""

    def __init__(self, run: Run, rows: Sequence[PackedRow], device: Any, size: PassSize) -> None:
        self._run = run
        self._size = size
        self._device = device
        self._blocks = blocks_of(rows, device)

    def prefill(self) -> Any:
        """Read the prompts and return the logits [rows, vocabulary] of the next tokens."""
        logits = []
        for pieces in passes_of(self._blocks, self._size.tokens):
            ends = accumulate(piece.end - piece.start for piece in pieces)
            last = [
                end - 1 for end, piece in zip(ends, pieces, strict=True) if piece.end == len(piece.row.tokens)
            ]
            current = PackedPass(spans_of(pieces, self._device))
            logits.append(self._run(current, *inputs_of(pieces), last or [0])[: len(last)])
        return torch.cat(logits)

    def step(self, tokens: Sequence[int]) -> Any:
        """Append one token to each row and return the logits [rows, vocabulary] of the next tokens."""
        spans, positions = [], []
        for block, _ in self._blocks:
            count = len(block.lengths)
            if count:
                spans.append(Span(block, 0, block.lengths, [1] * count, self._device))
                positions += [len(block.prefix) + length for length in block.lengths]
                block.lengths = [length + 1 for length in block.lengths]
        return self._run(PackedPass(spans), list(tokens), positions, list(range(len(tokens))))

    def keep(self, kept: Sequence[int]) -> list[int]:
        """Drop all rows but `kept`; return the old index of the row that is now at each index."""
        order, first = [], 0
        for block, _ in self._blocks:
            end = first + len(block.lengths)
            in_block = [row - first for row in kept if first <= row < end]
            order += [first + row for row in block.keep(in_block)]
            first = end
        return order
