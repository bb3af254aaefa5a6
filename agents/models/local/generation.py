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
    def left(self) -> int:
        """Most tokens that may still follow: 0 once the answer has ended."""
        return 0 if self._stopped else self._request.max_tokens - len(self._tokens)

    @property
    def greedy(self) -> bool:
        """True if every token is the most likely one."""
        return self._request.temperature == 0

    @property
    def last(self) -> int:
        """The last token."""
        return self._tokens[-1]

    def append(self, token: int) -> None:
        """Append a token, unless the answer has ended."""
        if self.left:
            self._tokens.append(token)
            self._stopped = token in self._end_tokens or self._stop_index() >= 0

    def reply(self) -> ModelReply:
        """Return the finished answer, cut before its first stop string; an end token ends it as well."""
        text, stop = self._text_of(self._tokens), self._stop_index()
        return ModelReply(
            text=text if stop < 0 else text[:stop],
            finish="stop" if self._stopped else "length",
            prompt_tokens=len(self._encoded.prompt),
            completion_tokens=len(self._tokens),
        )

    def sample(self, logits: Any) -> int:
        """Return a random token, by the next token's logits [vocabulary]."""
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
    rows = list(answers)
    greedy = all(answer.greedy for answer in rows)
    _extend(rows, decoding.prefill())
    while left := max(answer.left for answer in rows):
        if not wanted():
            raise BatchAbandoned
        rows = [rows[row] for row in decoding.keep([row for row, one in enumerate(rows) if one.left])]
        tokens = [answer.last for answer in rows]
        if greedy:
            for answer, found in zip(rows, decoding.greedy(tokens, left), strict=True):
                for token in found:
                    answer.append(token)
        else:
            _extend(rows, decoding.step(tokens))


def _extend(answers: Sequence[GeneratedAnswer], logits: Any) -> None:
    best = logits.argmax(dim=-1).tolist()
    for answer, token, row in zip(answers, best, logits, strict=True):
        answer.append(token if answer.greedy else answer.sample(row))
