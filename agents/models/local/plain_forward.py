"""Forward passes over one sequence at a time, for architectures that cannot share prefixes."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers.cache_utils import DynamicCache

from .scoring import Decoding, EncodedRequest, logprobs_at


class PlainForward:
    """Runs every causal model correctly, including windowed, recurrent and hybrid ones. Shares nothing."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def score(self, batch: Sequence[EncodedRequest]) -> list[list[float]]:
        """Return for each request the sums of log-probabilities (nats) of its options' tokens."""
        with torch.inference_mode():
            return [self._score(encoded) for encoded in batch]

    def decode(self, prompts: Sequence[list[int]], decode: Callable[[Decoding, Sequence[int]], None]) -> None:
        """Call `decode` with the whole batch."""
        with torch.inference_mode():
            decode(PlainDecoding(self._model, prompts), range(len(prompts)))

    def forget(self) -> None:
        """Do nothing: no memory is kept between batches."""

    def _score(self, encoded: EncodedRequest) -> list[float]:
        # Options of one token need only the prompt, so they share one pass.
        sums = []
        logits: dict[tuple[int, ...], Any] = {}
        for option in encoded.options:
            text = (*encoded.prompt, *option[:-1])
            if text not in logits:
                logits[text] = self._logits(text, len(option))
            tokens = torch.tensor(option, device=logits[text].device)
            rows = torch.arange(len(option), device=logits[text].device)
            sums.append(float(logprobs_at(logits[text], rows, tokens).sum()))
        return sums

    def _logits(self, tokens: Sequence[int], count: int) -> Any:
        """Return the logits [count, vocabulary] after each of the last `count` tokens."""
        output = self._model(
            input_ids=torch.tensor([tokens], device=self._model.device), use_cache=False, logits_to_keep=count
        )
        return output.logits[0]


class PlainDecoding:
    """Decodes prompts, each with its own KV cache."""

    def __init__(self, model: Any, prompts: Sequence[list[int]]) -> None:
        self._model = model
        self._prompts = prompts
        self._caches = [DynamicCache(config=model.config) for _ in prompts]

    def prefill(self) -> Any:
        """Read the prompts and return the logits [rows, vocabulary] of the next tokens."""
        return torch.stack([self._next_logits(*row) for row in zip(self._prompts, self._caches, strict=True)])

    def step(self, tokens: Sequence[int]) -> Any:
        """Append one token to each row and return the logits [rows, vocabulary] of the next tokens."""
        return torch.stack(
            [self._next_logits([token], cache) for token, cache in zip(tokens, self._caches, strict=True)]
        )

    def keep(self, kept: Sequence[int]) -> list[int]:
        """Drop all rows but `kept`, whose order stays; return `kept`."""
        self._caches = [self._caches[row] for row in kept]
        return list(kept)

    def _next_logits(self, tokens: Sequence[int], cache: Any) -> Any:
        output = self._model(
            input_ids=torch.tensor([tokens], device=self._model.device),
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        return output.logits[0, -1]
