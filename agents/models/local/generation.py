"""Answers written token by token, many at a time, each as if it were alone."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from ..base import ModelReply, ModelRequest
from .scoring import BatchAbandoned, EncodedRequest, Decoding

Decode = Callable[[list[int]], str]


class GeneratedAnswer:
    """One answer under way: its tokens, its own random numbers, and when it ends.

    A random generator of its own makes a sample depend on the request's seed alone and not on what
    else is in the batch. Without a seed it is seeded by the operating system.
    """

    def __init__(
        self, request: ModelRequest, encoded: EncodedRequest, decode: Decode, ends: frozenset[int]
    ) -> None:
        self._request = request
        self._encoded = encoded
        self._decode = decode
        self._ends = ends
        self._tokens: list[int] = []
        self._stopped = False
        self._random = torch.Generator()
        if request.seed is None:
            self._random.seed()
        else:
            self._random.manual_seed(request.seed)

    @property
    def done(self) -> bool:
        return self._stopped or len(self._tokens) >= self._request.max_tokens

    def extend(self, best: int, logits: Any) -> int:
        """Choose and return the next token, from its logits [vocabulary] or the `best` of them."""
        token = best if self._request.temperature == 0 else self._drawn(logits)
        self._tokens.append(token)
        self._stopped = token in self._ends or self._stop_place() >= 0
        return token

    def reply(self) -> ModelReply:
        """Return the finished answer, cut before its first stop string; an end token counts as one."""
        text, stop = self._decode(self._tokens), self._stop_place()
        return ModelReply(
            text=text if stop < 0 else text[:stop],
            finish="stop" if self._stopped else "length",
            prompt_tokens=len(self._encoded.prompt),
            completion_tokens=len(self._tokens),
        )

    def _drawn(self, logits: Any) -> int:
        shares = torch.softmax(logits.float().cpu() / self._request.temperature, dim=-1)
        return int(torch.multinomial(shares, 1, generator=self._random))

    def _stop_place(self) -> int:
        """Return where the earliest stop string begins in the text so far, or -1."""
        if not self._request.stop:
            return -1
        text = self._decode(self._tokens)
        places = (text.find(stop) for stop in self._request.stop if stop)
        return min((place for place in places if place >= 0), default=-1)


def write(writing: Decoding, answers: Sequence[GeneratedAnswer], wanted: Callable[[], bool]) -> None:
    """Write the answers, which stand in the writing's order, to their ends; the finished leave the batch.

    Raises `BatchAbandoned` once nobody waits for them any more.
    """
    live = list(answers)
    logits = writing.start()
    while True:
        best = logits.argmax(dim=-1).tolist()
        tokens = [answer.extend(*row) for answer, *row in zip(live, best, logits, strict=True)]
        going = [place for place, answer in enumerate(live) if not answer.done]
        if not going:
            return
        if not wanted():
            raise BatchAbandoned
        order = writing.keep(going)
        live = [live[place] for place in order]
        logits = writing.step([tokens[place] for place in order])
