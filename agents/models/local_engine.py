"""A loaded model that answers batches of requests."""

from collections.abc import Sequence
from typing import Any

import torch

from .base import ModelError, ModelReply, ModelRequest
from .local_batching import Outcome
from .local_encoding import encode
from .local_generation import Answer, generate, rate_and_write
from .local_loading import choose_forward, load
from .local_scoring import Encoded, score
from .sources import ModelSource

_OUT_OF_MEMORY_TEXTS = ("out of memory", "can't allocate memory")


class Engine:
    """Weights and tokeniser, used by one thread at a time."""

    def __init__(self, source: ModelSource, device: str, dtype: str, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model, self._tokenizer = load(source, device, dtype)
        self._ends = _end_tokens(self._model, self._tokenizer)
        self._forward = choose_forward(self._model)

    def run(self, batch: Sequence[ModelRequest]) -> list[Outcome]:
        """Return a reply or an error for each request; all are scored or all are generated.

        Raises `ModelError` where the whole batch fails.
        """
        encoded = [self._encode(request) for request in batch]
        sound = [(r, e) for r, e in zip(batch, encoded, strict=True) if isinstance(e, Encoded)]
        replies = iter(self._guarded(sound) if sound else ())
        return [next(replies) if isinstance(entry, Encoded) else entry for entry in encoded]

    def _encode(self, request: ModelRequest) -> Encoded | ModelError:
        length = getattr(self._model.config, "max_position_embeddings", None) or 1 << 30
        try:
            return encode(request, self._tokenizer, length)
        except ModelError as error:
            return error

    def _guarded(self, batch: list[tuple[ModelRequest, Encoded]]) -> list[ModelReply]:
        try:
            with torch.inference_mode():
                return self._replies(batch)
        except (RuntimeError, MemoryError) as error:
            raise _as_model_error(error) from error

    def _replies(self, batch: list[tuple[ModelRequest, Encoded]]) -> list[ModelReply]:
        first = batch[0][0]
        if first.options is not None and first.lead is None:
            return score(self._forward, [encoded for _, encoded in batch])
        answers = [Answer(request, encoded, self._decode, self._ends) for request, encoded in batch]
        if first.options is not None:
            return rate_and_write(self._forward, answers, [encoded for _, encoded in batch])
        return generate(self._forward, answers, [encoded.prompt for _, encoded in batch])

    def _decode(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=True))


def _end_tokens(model: Any, tokenizer: Any) -> frozenset[int]:
    named = model.generation_config.eos_token_id
    several = named if isinstance(named, list) else [named]
    return frozenset(int(token) for token in [*several, tokenizer.eos_token_id] if token is not None)


def _as_model_error(error: RuntimeError | MemoryError) -> ModelError:
    text = str(error)
    if isinstance(error, MemoryError) or any(phrase in text for phrase in _OUT_OF_MEMORY_TEXTS):
        return ModelError(
            "out_of_memory",
            "The batch does not fit into memory.",
            advice="Lower batch_size in [models.NAME], or use a smaller model.",
        )
    return ModelError("server_error", f"PyTorch failed: {text.splitlines()[0] if text else 'no message'}")
