"""The model's pass over one sequence at a time: for architectures a token tree does not suit."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import DynamicCache


class PlainForward:
    """Computes logits one context after the other, sharing nothing but a context's own past.

    Right for every causal model: windowed, recurrent and hybrid ones included. Contexts are numbers
    that stand for token sequences.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._sequences: list[tuple[int, ...]] = []
        self._caches: dict[tuple[int, ...], Any] = {}

    def begin(self) -> None:
        """Start a batch: forget the contexts of earlier ones."""
        self._sequences.clear()
        self._caches.clear()

    def insert(self, tokens: Sequence[int], after: int = -1) -> int:
        """Return the context of `tokens` read on from context `after` (-1: from nothing)."""
        before = self._sequences[after] if after >= 0 else ()
        self._sequences.append((*before, *tokens))
        return len(self._sequences) - 1

    def logits(self, contexts: Sequence[int]) -> Any:
        """Return logits [contexts, vocabulary], float32, for the token after each context."""
        return torch.stack([self._one(self._sequences[context]) for context in contexts])

    def narrow(self, contexts: Sequence[int]) -> list[int]:
        """Forget what none of `contexts` needs; return the new contexts, here the same."""
        ends = {self._sequences[context][:-1] for context in contexts}
        self._caches = {tokens: cache for tokens, cache in self._caches.items() if tokens in ends}
        return list(contexts)

    def _one(self, tokens: tuple[int, ...]) -> Any:
        # Of a growing answer only the last token is new. Its cache is used up: it now holds more.
        cache = self._caches.pop(tokens[:-1], None)
        fresh = tokens if cache is None else tokens[-1:]
        cache = DynamicCache(config=self._model.config) if cache is None else cache
        output = self._model(
            input_ids=torch.tensor([fresh], device=self._model.device),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        self._caches[tokens] = cache
        return output.logits[0, -1].float()
