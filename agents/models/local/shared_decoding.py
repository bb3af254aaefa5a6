"""Decoding of rows that continue shared prefixes."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Protocol

import torch

from .attention import Pass
from .key_values import RowBlock
from .packing import PackedRow, blocks_of, inputs_of, passes_of, spans_of
from .pass_size import PassSize
from .scoring import TokenByToken
from .spans import PackedPass, Span


class Runner(Protocol):
    """Runs passes through the model."""

    def run(self, current: Pass, tokens: list[int], positions: list[int], wanted: list[int]) -> Any:
        """Return the logits [len(wanted), vocabulary] at the indices `wanted` of a pass."""

    def step(self, current: Pass, tokens: Any, positions: Any) -> Any:
        """Return all logits [tokens, vocabulary] of a pass, for tensors [tokens]."""


class SharedDecoding(TokenByToken):
    """Decodes rows of a batch, whose prompts are read in passes of `size`. `keep` may change their order."""

    def __init__(self, runner: Runner, rows: Sequence[PackedRow], device: Any, size: PassSize) -> None:
        self._runner = runner
        self._size = size
        self._device = device
        self._packed = blocks_of(rows, device)
        self._blocks = [block for block, _ in self._packed]

    def prefill(self) -> Any:
        """Read the prompts and return the logits [rows, vocabulary] of the next tokens."""
        logits = []
        for pieces in passes_of(self._packed, self._size.tokens):
            ends = accumulate(piece.end - piece.start for piece in pieces)
            last = [
                end - 1 for end, piece in zip(ends, pieces, strict=True) if piece.end == len(piece.row.tokens)
            ]
            current = PackedPass(spans_of(pieces, self._device))
            logits.append(self._runner.run(current, *inputs_of(pieces), last or [0])[: len(last)])
        return torch.cat(logits)

    def step(self, tokens: Sequence[int]) -> Any:
        """Append one token to each row and return the logits [rows, vocabulary] of the next tokens."""
        spans, positions = [], []
        for block in self._live():
            lengths = torch.tensor(block.lengths, device=self._device)
            spans.append(Span.of_step(block, lengths, max(block.lengths) + 1))
            positions.append(len(block.prefix) + lengths)
            block.lengths = [length + 1 for length in block.lengths]
        given = torch.tensor(tokens, device=self._device)
        return self._runner.step(PackedPass(spans), given, torch.cat(positions))

    def keep(self, kept: Sequence[int]) -> list[int]:
        """Drop all rows but `kept`; return the old index of the row that is now at each index."""
        order, first = [], 0
        for block in self._blocks:
            end = first + len(block.lengths)
            in_block = [row - first for row in kept if first <= row < end]
            order += [first + row for row in block.keep(in_block)]
            first = end
        return order

    def _live(self) -> list[RowBlock]:
        return [block for block in self._blocks if block.lengths]
