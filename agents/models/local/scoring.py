"""Encoded requests, and the protocols of the forward passes that score and decode them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

# Rows whose normalisers are computed together on a CPU: their temporary copies stay in its cache.
_NORMALISED_ROWS = 16


@dataclass(frozen=True, slots=True)
class EncodedRequest:
    """The tokens of a request's prompt and of each option."""

    prompt: list[int]
    options: list[list[int]]


class BatchAbandoned(Exception):
    """No caller waits for the batch any more."""


class Decoding(Protocol):
    """Prompts that are continued token by token."""

    def prefill(self) -> Any:
        """Read the prompts and return the logits [rows, vocabulary] of the next tokens."""

    def step(self, tokens: Sequence[int]) -> Any:
        """Append one token to each row and return the logits [rows, vocabulary] of the next tokens."""

    def greedy(self, tokens: Sequence[int], most: int) -> list[list[int]]:
        """Append one token to each row, then the most likely ones; return up to `most` of these by row.

        The last token returned is not appended yet.
        """

    def keep(self, kept: Sequence[int]) -> list[int]:
        """Drop rows that are not `kept`, at once or later; return the old index of each row that is left."""


class TokenByToken(ABC):
    """A decoding that chooses one token at a time."""

    @abstractmethod
    def step(self, tokens: Sequence[int]) -> Any:
        """Append one token to each row and return the logits [rows, vocabulary] of the next tokens."""

    def greedy(self, tokens: Sequence[int], most: int) -> list[list[int]]:
        """Append one token to each row; return the most likely next token of each, in a list."""
        return [[token] for token in self.step(tokens).argmax(dim=-1).tolist()]


class Forward(Protocol):
    """A way of running a model."""

    def score(self, batch: Sequence[EncodedRequest]) -> list[list[float]]:
        """Return for each request the sums of log-probabilities (nats) of its options' tokens."""

    def decode(self, prompts: Sequence[list[int]], decode: Callable[[Decoding, Sequence[int]], None]) -> None:
        """Call `decode` with the decoding of each part of the batch and the prompts' indices of its rows.

        Parts may be decoded in several threads at the same time.
        """

    def forget(self) -> None:
        """Release the memory that is kept between batches."""


def logprobs_at(logits: Any, rows: Any, tokens: Any) -> Any:
    """Return the log-probabilities [n], float32, of `tokens` [n] in the rows `rows` [n] of `logits`.

    `logits` is [rows, vocabulary].
    """
    import torch

    together = _NORMALISED_ROWS if logits.device.type == "cpu" else len(logits)
    norms = torch.cat([part.float().logsumexp(dim=-1) for part in logits.split(max(1, together))])
    return logits[rows, tokens].float() - norms[rows]
