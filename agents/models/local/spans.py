"""Attention of the rows in one pass, packed without padding between them."""

from collections.abc import Sequence
from typing import Any

import torch

from .attention import attend_to, merge
from .key_values import RowBlock


class Span:
    """Tokens of consecutive rows of a block in one pass.

    `start` [rows] holds the index in its row of each row's first token here, and `room` is the number of
    tokens for which each row needs room. `row` and `slot` [tokens] tell the row in the span of each token,
    and its place among that row's tokens here, of which there are at most `width`.
    """

    def __init__(
        self, block: RowBlock, first: int, room: int, width: int, start: Any, row: Any, slot: Any
    ) -> None:
        self.block = block
        self.size = len(row)
        self._first, self._count = first, len(start)
        self._width, self._room = width, room
        self._row, self._slot = row, slot
        self._index = start[row] + slot
        self._mask = self._visible(start)
        self._bias: Any = None

    @classmethod
    def of_pieces(
        cls, block: RowBlock, first: int, starts: Sequence[int], counts: Sequence[int], device: Any
    ) -> "Span":
        """Return the span in which row `first + i` has `counts[i]` tokens, from its token `starts[i]` on."""
        room = max(start + count for start, count in zip(starts, counts, strict=True))
        count = torch.tensor(counts, device=device)
        rows = torch.arange(len(counts), device=device)
        row = torch.repeat_interleave(rows, count, output_size=sum(counts))
        slot = torch.arange(len(row), device=device) - (torch.cumsum(count, 0) - count)[row]
        return cls(block, first, room, max(counts), torch.tensor(starts, device=device), row, slot)

    @classmethod
    def of_step(cls, block: RowBlock, lengths: Any, room: int) -> "Span":
        """Return the span in which each row of the block has one token, at its index `lengths` [rows]."""
        rows = torch.arange(len(lengths), device=lengths.device)
        return cls(block, 0, room, 1, lengths, rows, torch.zeros_like(rows))

    def _visible(self, start: Any) -> Any:
        """Return the mask [rows, width, room]: True if a token attends to a token of its row."""
        index = start[:, None] + torch.arange(self._width, device=start.device)
        visible = torch.arange(self._room, device=start.device) <= index[..., None]
        if self.block.segments is not None:
            segment = self.block.segments[self._first : self._first + self._count, : self._room]
            own = segment.gather(1, index.clamp(max=self._room - 1))[..., None]
            visible &= (segment[:, None] == 0) | (segment[:, None] == own)
        return visible

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Return the output [tokens, heads, size] for query, key and value [heads, tokens, size]."""
        heads, (key_heads, _, size) = query.shape[0], key.shape
        group = heads // key_heads
        all_keys, all_values = self.block.store(
            layer,
            self._row + self._first,
            self._index,
            key.transpose(0, 1),
            value.transpose(0, 1),
            self._room,
        )
        rows = slice(self._first, self._first + self._count)
        padded = self._padded(query.transpose(0, 1)).view(self._count, self._width, key_heads, group, size)
        # Query heads that share a key head become further queries to that head.
        folded = padded.permute(0, 2, 3, 1, 4).reshape(self._count, key_heads, group * self._width, size)
        result = attend_to(
            folded,
            all_keys[rows, :, : self._room],
            all_values[rows, :, : self._room],
            self._additive(group, folded.dtype),
            scaling,
        )
        output = self._with_prefix(layer, folded, result, scaling) if self.block.prefix.layers else result[0]
        output = output.view(self._count, key_heads, group, self._width, size).permute(0, 3, 1, 2, 4)
        output = output.reshape(self._count, self._width, heads, size)
        return output[:, 0] if self._width == 1 else output[self._row, self._slot]

    def _padded(self, query: Any) -> Any:
        """Return the queries [tokens, heads, size] as [rows, width, heads, size]."""
        if self._width == 1:
            return query[:, None].contiguous()
        padded = query.new_zeros(self._count, self._width, *query.shape[1:])
        padded[self._row, self._slot] = query
        return padded

    def _additive(self, group: int, dtype: Any) -> Any:
        """Return the additive mask [rows, 1, group * width, room], which all layers share."""
        if self._bias is None:
            bias = torch.zeros(self._mask.shape, dtype=dtype, device=self._mask.device)
            self._bias = bias.masked_fill_(~self._mask, -torch.inf).repeat(1, group, 1)[:, None]
        return self._bias

    def _with_prefix(self, layer: int, folded: Any, own: tuple[Any, Any], scaling: float) -> Any:
        """Attend to the prefix as if all rows were one, and merge the result with `own`.

        `folded` is [rows, key heads, queries, size], and so is the output.
        """
        keys, values = self.block.prefix.layers[layer]
        rows, heads, queries, size = folded.shape
        flat = folded.transpose(0, 1).reshape(1, heads, rows * queries, size)
        output, norm = attend_to(flat, keys, values, None, scaling)
        output = output.view(heads, rows, queries, size).transpose(0, 1)
        return merge(own, (output, norm.view(heads, rows, queries).transpose(0, 1)))


class PackedPass:
    """A pass of several spans, one after the other, without padding between them."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Return the output [tokens, heads, size] of all spans, for inputs [heads, tokens, size]."""
        if len(self._spans) == 1:
            return self._spans[0].attend(layer, query, key, value, scaling)
        sizes = [span.size for span in self._spans]
        parts = zip(self._spans, *(tensor.split(sizes, dim=1) for tensor in (query, key, value)), strict=True)
        return torch.cat([span.attend(layer, q, k, v, scaling) for span, q, k, v in parts])
