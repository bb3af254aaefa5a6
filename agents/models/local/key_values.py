"""Keys and values kept from pass to pass: of prefixes, and of the rows that go on from them."""

from collections.abc import Sequence
from typing import Any

import torch

from .attention import attend_to, merged

# Room for as many tokens is made at once behind the longest row.
_SPARE = 32


class Prefix:
    """Tokens that several rows begin with; its own pass through the model fills `layers`.

    `layers` holds (keys, values) of each layer, [1, key heads, tokens, size].
    """

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = tuple(tokens)
        self.layers: dict[int, tuple[Any, Any]] = {}

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def bytes(self) -> int:
        return sum(2 * keys.nbytes for keys, _ in self.layers.values())

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Let each token see those before it, and store the layer."""
        self.layers[layer] = (key[None].contiguous(), value[None].contiguous())
        group = query.shape[0] // key.shape[0]
        output = torch.nn.functional.scaled_dot_product_attention(
            query[None],
            key[None].repeat_interleave(group, dim=1),
            value[None].repeat_interleave(group, dim=1),
            is_causal=True,
            scale=scaling,
        )
        return output[0].transpose(0, 1)


class Rows:
    """Rows behind one prefix: keys and values of their own tokens, [rows, key heads, room, size] a layer.

    `segments` [rows, tokens] tells the branches of a row apart: a token sees segment 0 and its own.
    """

    def __init__(self, prefix: Prefix, lengths: Sequence[int], segments: Any = None) -> None:
        self.prefix = prefix
        self.lengths = list(lengths)
        self.segments = segments
        self._room = max(lengths) + (_SPARE if segments is None else 0)
        self._layers: dict[int, tuple[Any, Any]] = {}

    def store(self, layer: int, row: Any, place: Any, key: Any, value: Any, reach: int) -> tuple[Any, Any]:
        """Write key and value [tokens, key heads, size] at (row, place) and return all of the layer's."""
        if layer not in self._layers:
            self._layers[layer] = (self._new(key), self._new(value))
        keys, values = (_grown(stored, reach) for stored in self._layers[layer])
        keys[row, :, place], values[row, :, place] = key, value
        self._layers[layer] = (keys, values)
        return keys, values

    def keep(self, going: Sequence[int]) -> list[int]:
        """Drop all rows but `going`; return which row now stands at each place.

        The last rows move into the gaps, which copies less than closing up.
        """
        order = list(range(len(self.lengths)))
        for gone in sorted(set(order) - set(going), reverse=True):
            last = len(order) - 1
            if gone < last:
                self._move(last, gone)
                order[gone], self.lengths[gone] = order[last], self.lengths[last]
            order.pop()
            self.lengths.pop()
        return order

    def _move(self, source: int, target: int) -> None:
        end = self.lengths[source]
        for stored in (tensor for pair in self._layers.values() for tensor in pair):
            stored[target, :, :end] = stored[source, :, :end]

    def _new(self, like: Any) -> Any:
        # Zeros: what is masked out still passes through a product, where garbage may be no number.
        return like.new_zeros(len(self.lengths), like.shape[1], self._room, like.shape[2])


def _grown(stored: Any, reach: int) -> Any:
    if reach <= stored.shape[2]:
        return stored
    larger = stored.new_zeros(*stored.shape[:2], reach + max(_SPARE, reach // 2), stored.shape[3])
    larger[:, :, : stored.shape[2]] = stored
    return larger


class Span:
    """The tokens of some consecutive rows in one pass: `counts` of them a row, from `starts` on."""

    def __init__(
        self, rows: Rows, first: int, starts: Sequence[int], counts: Sequence[int], device: Any
    ) -> None:
        self.rows = rows
        self.size = sum(counts)
        self._first, self._count = first, len(counts)
        self._width = max(counts)
        self._reach = max(start + count for start, count in zip(starts, counts, strict=True))
        count = torch.tensor(counts, device=device)
        start = torch.tensor(starts, device=device)
        self._row = torch.repeat_interleave(torch.arange(len(counts), device=device), count)
        first_token = torch.cumsum(count, 0) - count
        self._slot = torch.arange(self.size, device=device) - first_token[self._row]
        self._place = start[self._row] + self._slot
        self._mask = self._visible(start)
        self._bias: Any = None

    def _visible(self, start: Any) -> Any:
        """Return the mask [rows, width, reach]: true where a token sees an own token of its row."""
        own = start[:, None] + torch.arange(self._width, device=start.device)
        visible = torch.arange(self._reach, device=start.device) <= own[..., None]
        if self.rows.segments is not None:
            segment = self.rows.segments[self._first : self._first + self._count, : self._reach]
            of_own = segment.gather(1, own.clamp(max=self._reach - 1))[..., None]
            visible &= (segment[:, None] == 0) | (segment[:, None] == of_own)
        return visible

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Return the output [tokens, heads, size] for query, key and value [heads, tokens, size]."""
        heads, (key_heads, _, size) = query.shape[0], key.shape
        group = heads // key_heads
        all_keys, all_values = self.rows.store(
            layer,
            self._row + self._first,
            self._place,
            key.transpose(0, 1),
            value.transpose(0, 1),
            self._reach,
        )
        own = slice(self._first, self._first + self._count)
        padded = self._padded(query.transpose(0, 1)).view(self._count, self._width, key_heads, group, size)
        # The query heads that share keys are more queries to the same keys.
        folded = padded.permute(0, 2, 3, 1, 4).reshape(self._count, key_heads, group * self._width, size)
        result = attend_to(
            folded,
            all_keys[own, :, : self._reach],
            all_values[own, :, : self._reach],
            self._additive(group, folded.dtype),
            scaling,
        )
        output = self._with_prefix(layer, folded, result, scaling) if self.rows.prefix.layers else result[0]
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
        """Return the mask as numbers to add, [rows, 1, group * width, reach]; all layers use the same."""
        if self._bias is None:
            bias = torch.zeros(self._mask.shape, dtype=dtype, device=self._mask.device)
            self._bias = bias.masked_fill_(~self._mask, -torch.inf).repeat(1, group, 1)[:, None]
        return self._bias

    def _with_prefix(self, layer: int, folded: Any, own: tuple[Any, Any], scaling: float) -> Any:
        """Attend to the prefix in one go, as if all rows were one, and merge."""
        keys, values = self.rows.prefix.layers[layer]
        rows, heads, queries, size = folded.shape
        flat = folded.transpose(0, 1).reshape(1, heads, rows * queries, size)
        output, norm = attend_to(flat, keys, values, None, scaling)
        output = output.view(heads, rows, queries, size).transpose(0, 1)
        return merged(own, (output, norm.view(heads, rows, queries).transpose(0, 1)))


class Packed:
    """A pass of several spans side by side, without padding between them."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Let each span attend for itself."""
        if len(self._spans) == 1:
            return self._spans[0].attend(layer, query, key, value, scaling)
        sizes = [span.size for span in self._spans]
        parts = zip(self._spans, *(tensor.split(sizes, dim=1) for tensor in (query, key, value)), strict=True)
        return torch.cat([span.attend(layer, q, k, v, scaling) for span, q, k, v in parts])
