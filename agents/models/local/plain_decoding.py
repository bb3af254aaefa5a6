"""Decoding of whole sequences with the caches that an architecture brings."""

import inspect
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import torch
from transformers.cache_utils import DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

from .pass_size import PassSize
from .scoring import TokenByToken

# Architectures whose `cache_params` is not a cache of the usual kind.
_OWN_CACHES = {"xlstm"}


class PlainDecoding(TokenByToken):
    """Decodes prompts, which are sorted by length. Those of one length share a cache and need no padding."""

    def __init__(self, model: Any, prompts: Sequence[list[int]], size: PassSize) -> None:
        self._groups = [_Group(model, group) for group in _groups(prompts, size)]

    def prefill(self) -> Any:
        """Read the prompts and return the logits [rows, vocabulary] of the next tokens."""
        return torch.cat([group.read(group.prompts) for group in self._groups])

    def step(self, tokens: Sequence[int]) -> Any:
        """Append one token to each row and return the logits [rows, vocabulary] of the next tokens."""
        given = iter(tokens)
        return torch.cat([group.read([[next(given)] for _ in range(group.rows)]) for group in self._groups])

    def keep(self, kept: Sequence[int]) -> list[int]:
        """Drop rows that are not `kept`, if their cache can; return the old index of each that is left."""
        order, first = [], 0
        for group in self._groups:
            end = first + group.rows
            order += [first + row for row in group.keep([row - first for row in kept if first <= row < end])]
            first = end
        self._groups = [group for group in self._groups if group.rows]
        return order


class _Group:
    """Rows of one length with their cache."""

    def __init__(self, model: Any, prompts: Sequence[list[int]]) -> None:
        self._model = model
        self._cache = _cache_of(model)
        self._past: list[list[int]] = [[] for _ in prompts]
        self.prompts = prompts
        self.rows = len(prompts)

    def read(self, texts: Sequence[list[int]]) -> Any:
        """Append tokens to the rows and return the logits [rows, vocabulary] of the next ones."""
        if not self._cache:
            texts = self._past = [past + new for past, new in zip(self._past, texts, strict=True)]
        output = self._model(
            input_ids=torch.tensor(texts, device=self._model.device),
            **self._cache,
            use_cache=bool(self._cache),
            logits_to_keep=1,
        )
        return output.logits[:, -1]

    def keep(self, kept: list[int]) -> list[int]:
        """Drop all rows but `kept`, unless the cache cannot drop some; return the old index of each row."""
        if len(kept) == self.rows or (kept and not self._can_select()):
            return list(range(self.rows))
        if kept:
            self._select(kept)
        self.rows = len(kept)
        return kept

    def _can_select(self) -> bool:
        # Layers with a recurrent state inherit the method, but it leaves that state as it is.
        known = {DynamicLayer, DynamicSlidingWindowLayer}
        return all(type(layer) in known for cache in self._cache.values() for layer in cache.layers)

    def _select(self, kept: Sequence[int]) -> None:
        self._past = [self._past[row] for row in kept]
        for cache in self._cache.values():
            cache.batch_select_indices(torch.tensor(kept, device=self._model.device))


def _cache_of(model: Any) -> dict[str, Any]:
    """Return the argument that takes a cache, with an empty one.

    Nothing is returned if an architecture takes none, or one of a kind of its own: it would ignore the cache,
    as if a token had no past, so whole texts are read again for every token.
    """
    known = inspect.signature(model.forward).parameters
    names = [name for name in ("past_key_values", "cache_params") if name in known]
    if not names or model.config.model_type in _OWN_CACHES:
        return {}
    return {names[0]: DynamicCache(config=model.config)}


def _groups(prompts: Sequence[list[int]], size: PassSize) -> Iterator[list[list[int]]]:
    """Return groups of prompts of one length that fit into a pass."""
    for length, same in groupby(prompts, key=len):
        group = list(same)
        rows = max(1, size.tokens // length)
        yield from (group[first : first + rows] for first in range(0, len(group), rows))
