"""Log-probabilities of given answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from .base import ModelReply


class Forward(Protocol):
    """A model's pass. A context is a number that stands for a token sequence, valid within a batch."""

    def begin(self) -> None:
        """Start a batch; contexts of earlier ones are no longer valid."""

    def insert(self, tokens: Sequence[int], after: int = -1) -> int:
        """Return the context of `tokens` read on from context `after` (-1: from nothing)."""

    def logits(self, contexts: Sequence[int]) -> Any:
        """Return a float32 tensor [contexts, vocabulary]: logits of the token after each context."""

    def narrow(self, contexts: Sequence[int]) -> list[int]:
        """Say that no other contexts are needed any more; return the numbers they have from now on."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A request as tokens."""

    prompt: list[int]
    options: list[list[int]]


def score(forward: Forward, batch: Sequence[Encoded]) -> list[ModelReply]:
    """Return for each request the sums of log-probabilities (nats) of its options' tokens.

    The last token of an option is asked for but never read, so options of one token cost nothing
    beyond the prompt.
    """
    forward.begin()
    ends = [forward.insert(encoded.prompt) for encoded in batch]
    rated = rate(forward, batch, ends)
    return [_reply(encoded, logprobs) for encoded, logprobs in zip(batch, rated, strict=True)]


def rate(forward: Forward, batch: Sequence[Encoded], ends: Sequence[int]) -> list[list[float]]:
    """Return for each request the log-probabilities of its options behind the end of its prompt."""
    steps = [
        [_steps(forward, end, option) for option in encoded.options]
        for encoded, end in zip(batch, ends, strict=True)
    ]
    contexts = sorted({context for row in steps for option in row for context, _ in option})
    place = {context: row for row, context in enumerate(contexts)}
    logits = forward.logits(contexts)
    logprobs = logits - logits.logsumexp(dim=-1, keepdim=True)
    return [[sum(float(logprobs[place[c], token]) for c, token in option) for option in row] for row in steps]


def _steps(forward: Forward, end: int, option: list[int]) -> list[tuple[int, int]]:
    """Return (context, token after it) for each token of the option, which begins after `end`."""
    contexts = [end]
    for token in option[:-1]:
        contexts.append(forward.insert([token], after=contexts[-1]))
    return list(zip(contexts, option, strict=True))


def _reply(encoded: Encoded, logprobs: list[float]) -> ModelReply:
    return ModelReply(
        text="",
        finish="scored",
        prompt_tokens=len(encoded.prompt) + sum(map(len, encoded.options)),
        completion_tokens=0,
        option_logprobs=tuple(logprobs),
    )
