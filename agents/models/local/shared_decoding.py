"""Answers under way behind shared prefixes."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

import torch

from .attention import Pass
from .packing import Row, blocks_of, inputs_of, passes_of, spans_of
from .key_values import Packed, Span

Run = Callable[[Pass, list[int], list[int], list[int]], Any]


class SharedDecoding:
    """Some rows of a batch; their order changes as rows are dropped, and `keep` says how."""

    def __init__(self, run: Run, rows: Sequence[Row], device: Any) -> None:
        self._run = run
        self._device = device
        self._blocks = blocks_of(rows, device)

    def start(self) -> Any:
        """Read the prompts; return logits [rows, vocabulary] of the tokens that come next."""
        found = []
        for pieces in passes_of(self._blocks):
            ends = accumulate(piece.end - piece.start for piece in pieces)
            last = [
                end - 1 for end, piece in zip(ends, pieces, strict=True) if piece.end == len(piece.row.tokens)
            ]
            logits = self._run(Packed(spans_of(pieces, self._device)), *inputs_of(pieces), last or [0])
            found.append(logits[: len(last)])
        return torch.cat(found)

    def step(self, tokens: Sequence[int]) -> Any:
        """Read one token more of each row; return the logits of the next ones."""
        spans, positions = [], []
        for block, _ in self._blocks:
            count = len(block.lengths)
            if count:
                spans.append(Span(block, 0, block.lengths, [1] * count, self._device))
                positions += [len(block.prefix) + length for length in block.lengths]
                block.lengths = [length + 1 for length in block.lengths]
        return self._run(Packed(spans), list(tokens), positions, list(range(len(tokens))))

    def keep(self, going: Sequence[int]) -> list[int]:
        """Drop all rows but `going`; return which row now stands at each place."""
        order, first = [], 0
        for block, _ in self._blocks:
            end = first + len(block.lengths)
            order += [
                first + row for row in block.keep([place - first for place in going if first <= place < end])
            ]
            first = end
        return order
