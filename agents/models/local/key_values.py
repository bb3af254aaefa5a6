"""Keys and values that are kept from pass to pass: of prefixes, and of the rows that continue them."""

from collections.abc import Sequence
from typing import Any

import torch

# Number of tokens by which the room for a row exceeds its length.
_SPARE_TOKENS = 32


class Prefix:
    """Tokens that several rows begin with. Its own pass through the model fills `layers`.

    `layers` holds (keys, values) of each layer, both [1, key heads, tokens, size].
    """

    def __init__(self, tokens: Sequence[int]) -> None:
        self.tokens = tuple(tokens)
        self.layers: dict[int, tuple[Any, Any]] = {}

    def __len__(self) -> int:
        return len(self.tokens)

    @property
    def bytes(self) -> int:
        """Size of all keys and values in bytes."""
        return sum(2 * keys.nbytes for keys, _ in self.layers.values())

    def attend(self, layer: int, query: Any, key: Any, value: Any, scaling: float) -> Any:
        """Return causal attention [tokens, heads, size], and store the layer's keys and values."""
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


class RowBlock:
    """Rows that continue one prefix, with the keys and values of their own tokens.

    Keys and values are [rows, key heads, room, size] for each layer. `segments` [rows, tokens] tells the
    branches of a row apart: a token attends to segment 0 and to its own segment.
    """

    def __init__(self, prefix: Prefix, lengths: Sequence[int], segments: Any = None) -> None:
        self.prefix = prefix
        self.lengths = list(lengths)
        self.segments = segments
        self._room = max(lengths) + (_SPARE_TOKENS if segments is None else 0)
        self._layers: dict[int, tuple[Any, Any]] = {}

    def store(self, layer: int, row: Any, index: Any, key: Any, value: Any, room: int) -> tuple[Any, Any]:
        """Write key and value [tokens, key heads, size] at (row, index); return the layer's keys and values.

        `room` is the number of tokens for which each row needs room.
        """
        if layer not in self._layers:
            self._layers[layer] = (self._new(key), self._new(value))
        keys, values = (_grown(stored, room) for stored in self._layers[layer])
        keys[row, :, index], values[row, :, index] = key, value
        self._layers[layer] = (keys, values)
        return keys, values

    @property
    def device(self) -> Any:
        """Where its keys and values are, once a pass has stored some."""
        return next(iter(self._layers.values()))[0].device

    def reserve(self, room: int) -> None:
        """Make room for so many tokens in each row of every layer."""
        self._layers = {
            layer: (_grown(keys, room), _grown(values, room))
            for layer, (keys, values) in self._layers.items()
        }

    def keep(self, kept: Sequence[int]) -> list[int]:
        """Drop all rows but `kept`; return the old index of the row that is now at each index.

        The last rows move into the gaps, which copies less than closing them up.
        """
        order = list(range(len(self.lengths)))
        for dropped in sorted(set(order) - set(kept), reverse=True):
            last = len(order) - 1
            if dropped < last:
                self._move(last, dropped)
                order[dropped], self.lengths[dropped] = order[last], self.lengths[last]
            order.pop()
            self.lengths.pop()
        return order

    def _move(self, source: int, target: int) -> None:
        end = self.lengths[source]
        for stored in (tensor for pair in self._layers.values() for tensor in pair):
            stored[target, :, :end] = stored[source, :, :end]

    def _new(self, like: Any) -> Any:
        # Zeros: masked values still pass through a product, where uninitialised memory may hold NaN.
        return like.new_zeros(len(self.lengths), like.shape[1], self._room, like.shape[2])


def _grown(stored: Any, room: int) -> Any:
    if room <= stored.shape[2]:
        return stored
    larger = stored.new_zeros(*stored.shape[:2], room + max(_SPARE_TOKENS, room // 2), stored.shape[3])
    larger[:, :, : stored.shape[2]] = stored
    return larger
