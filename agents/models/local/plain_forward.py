"""Runs a model on one sequence at a time: for architectures that sharing does not suit."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers.cache_utils import DynamicCache

from .scoring import EncodedRequest, Decoding, logprobs_at


class PlainForward:
    """Right for every causal model, windowed, recurrent and hybrid ones included; shares nothing."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def score(self, batch: Sequence[EncodedRequest]) -> list[list[float]]:
        """Return for each request the sums of log-probabilities (nats) of its options' tokens."""
        with torch.inference_mode():
            return [self._scores(encoded) for encoded in batch]

    def write(self, prompts: Sequence[list[int]], finish: Callable[[Decoding, Sequence[int]], None]) -> None:
        """Call `finish` with the whole batch."""
        with torch.inference_mode():
            finish(PlainDecoding(self._model, prompts), range(len(prompts)))

    def forget(self) -> None:
        """Nothing is kept between batches."""

    def _scores(self, encoded: EncodedRequest) -> list[float]:
        # Options of one token need no more than the prompt: they share one pass.
        sums = []
        known: dict[tuple[int, ...], Any] = {}
        for option in encoded.options:
            text = (*encoded.prompt, *option[:-1])
            if text not in known:
                known[text] = self._logits(text, len(option))
            tokens = torch.tensor(option, device=known[text].device)
            places = torch.arange(len(option), device=known[text].device)
            sums.append(float(logprobs_at(known[text], places, tokens).sum()))
        return sums

    def _logits(self, tokens: Sequence[int], count: int) -> Any:
        """Return the logits of the tokens after the last `count` ones."""
        output = self._model(
            input_ids=torch.tensor([tokens], device=self._model.device), use_cache=False, logits_to_keep=count
        )
        return output.logits[0]


class PlainDecoding:
    """Answers under way, each with a cache of its own."""

    def __init__(self, model: Any, prompts: Sequence[list[int]]) -> None:
        self._model = model
        self._prompts = prompts
        self._caches = [DynamicCache(config=model.config) for _ in prompts]

    def start(self) -> Any:
        """Read the prompts; return logits [rows, vocabulary] of the tokens that come next."""
        return torch.stack([self._next(*row) for row in zip(self._prompts, self._caches, strict=True)])

    def step(self, tokens: Sequence[int]) -> Any:
        """Read one token more of each row; return the logits of the next ones."""
        return torch.stack(
            [self._next([token], cache) for token, cache in zip(tokens, self._caches, strict=True)]
        )

    def keep(self, going: Sequence[int]) -> list[int]:
        """Drop all rows but `going`, in their order."""
        self._caches = [self._caches[place] for place in going]
        return list(going)

    def _next(self, tokens: Sequence[int], cache: Any) -> Any:
        output = self._model(
            input_ids=torch.tensor([tokens], device=self._model.device),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[0, -1]
