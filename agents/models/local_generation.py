"""Answers written token by token, many at a time, each as if it were alone."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from .base import ModelReply, ModelRequest
from .local_scoring import Encoded, Forward, rate

Decode = Callable[[list[int]], str]


class Answer:
    """One answer under way: its tokens, its own random numbers, and when it ends.

    A random generator of its own makes a sample depend on the request's seed alone and not on what
    else is in the batch. Without a seed it is seeded by the operating system.
    """

    def __init__(self, request: ModelRequest, encoded: Encoded, decode: Decode, ends: frozenset[int]) -> None:
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

    def extend(self, logits: Any) -> int:
        """Choose and return the next token from its logits [vocabulary]."""
        token = self._choose(logits)
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

    def _choose(self, logits: Any) -> int:
        if self._request.temperature == 0:
            return int(logits.argmax())
        shares = torch.softmax(logits.cpu() / self._request.temperature, dim=-1)
        return int(torch.multinomial(shares, 1, generator=self._random))

    def _stop_place(self) -> int:
        """Return where the earliest stop string begins in the text so far, or -1."""
        if not self._request.stop:
            return -1
        text = self._decode(self._tokens)
        places = (text.find(stop) for stop in self._request.stop if stop)
        return min((place for place in places if place >= 0), default=-1)


def generate(forward: Forward, answers: Sequence[Answer], prompts: Sequence[list[int]]) -> list[ModelReply]:
    """Write all answers to their ends; those that end early leave the batch."""
    forward.begin()
    return write(forward, answers, [forward.insert(prompt) for prompt in prompts])


def rate_and_write(forward: Forward, answers: Sequence[Answer], batch: Sequence[Encoded]) -> list[ModelReply]:
    """Rate the options of each request and write its answer; what both read is computed once."""
    forward.begin()
    ends = [forward.insert(encoded.prompt) for encoded in batch]
    rated = rate(forward, batch, ends)
    written = write(forward, answers, forward.narrow(ends))
    return [
        reply.model_copy(
            update={
                "prompt_tokens": reply.prompt_tokens + sum(map(len, encoded.options)),
                "option_logprobs": tuple(logprobs),
            }
        )
        for reply, encoded, logprobs in zip(written, batch, rated, strict=True)
    ]


def write(forward: Forward, answers: Sequence[Answer], contexts: list[int]) -> list[ModelReply]:
    """Write all answers on from their contexts."""
    live = list(answers)
    while live:
        logits = forward.logits(contexts)
        tokens = [answer.extend(row) for answer, row in zip(live, logits, strict=True)]
        going = [place for place, answer in enumerate(live) if not answer.done]
        contexts = forward.narrow([contexts[place] for place in going])
        contexts = [forward.insert([tokens[p]], after=c) for p, c in zip(going, contexts, strict=True)]
        live = [live[place] for place in going]
    return [answer.reply() for answer in answers]
