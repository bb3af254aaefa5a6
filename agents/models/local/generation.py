"""Answers generated token by token, many in a batch, each as if it were alone."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import ModelReply, ModelRequest
from .scoring import BatchAbandoned, Decoding, EncodedRequest

TextOf = Callable[[list[int]], str]


class GeneratedAnswer:
    """One answer in the making: its tokens, its random generator, and the conditions of its end.

    Its own random generator makes a sample depend on the request's seed alone and not on the rest of the
    batch. Without a seed, the generator is seeded by the operating system.
    """

    def __init__(
        self, request: ModelRequest, encoded: EncodedRequest, text_of: TextOf, end_tokens: frozenset[int]
    ) -> None:
        self._request = request
        self._encoded = encoded
        self._text_of = text_of
        self._end_tokens = end_tokens
        self._tokens: list[int] = []
        self._stopped = False
        self._random = torch.Generator()
        if request.seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(request.seed)

    @property
    def done(self) -> bool:
        """True once the answer has ended or has `max_tokens` tokens."""
        return self._stopped or len(self._tokens) >= self._request.max_tokens

    def extend(self, best: int, logits: Any) -> int:
        """Choose and return the next token: `best`, or a sample from its logits [vocabulary]."""
        token = best if self._request.temperature == 0 else self._sample(logits)
        self._tokens.append(token)
        self._stopped = token in self._end_tokens or self._stop_index() >= 0
        return token

    def reply(self) -> ModelReply:
        """Return the finished answer, cut before its first stop string; an end token ends it as well."""
        text, stop = self._text_of(self._tokens), self._stop_index()
        return ModelReply(
            text=text if stop < 0 else text[:stop],
            finish="stop" if self._stopped else "length",
            prompt_tokens=len(self._encoded.prompt),
            completion_tokens=len(self._tokens),
        )

    def _sample(self, logits: Any) -> int:
        probabilities = torch.softmax(logits.float().cpu() / self._request.temperature, dim=-1)
        return int(torch.multinomial(probabilities, 1, generator=self._random))

    def _stop_index(self) -> int:
        """Return the index of the first stop string in the text so far, or -1."""
        if not self._request.stop:
            return -1
        text = self._text_of(self._tokens)
        indices = (text.find(stop) for stop in self._request.stop if stop)
        return min((index for index in indices if index >= 0), default=-1)


def generate(decoding: Decoding, answers: Sequence[GeneratedAnswer], wanted: Callable[[], bool]) -> None:
    """Generate the answers, which are in the order of the rows; finished answers leave the batch.

    Raises `BatchAbandoned` once `wanted` returns False.
    """
    unfinished = list(answers)
    logits = decoding.prefill()
    while True:
        best = logits.argmax(dim=-1).tolist()
        tokens = [answer.extend(*row) for answer, *row in zip(unfinished, best, logits, strict=True)]
        kept = [row for row, answer in enumerate(unfinished) if not answer.done]
        if not kept:
            return
        if not wanted():
            raise BatchAbandoned
        order = decoding.keep(kept)
        unfinished = [unfinished[row] for row in order]
        logits = decoding.step([tokens[row] for row in order])
