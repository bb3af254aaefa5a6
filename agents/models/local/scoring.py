"""Requests as tokens, and the two things every way of running a model can do with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class EncodedRequest:
    """A request as tokens."""

    prompt: list[int]
    options: list[list[int]]


class BatchAbandoned(Exception):
    """Nobody waits for the batch any more."""


class Decoding(Protocol):
    """Prompts under way to their answers, all of them one token further at each step."""

    def start(self) -> Any:
        """Read the prompts; return logits [rows, vocabulary], of the tokens that come next."""

    def step(self, tokens: Sequence[int]) -> Any:
        """Read one token more of each row; return the logits of the next ones."""

    def keep(self, going: Sequence[int]) -> list[int]:
        """Drop all rows but `going`; return which row now stands at each place."""


class Forward(Protocol):
    """A way of running a model."""

    def score(self, batch: Sequence[EncodedRequest]) -> list[list[float]]:
        """Return for each request the sums of log-probabilities (nats) of its options' tokens."""

    def write(self, prompts: Sequence[list[int]], finish: Callable[[Decoding, Sequence[int]], None]) -> None:
        """Call `finish` with each part of the batch: its writing, and which prompts its rows are.

        Parts may be finished in several threads at once.
        """

    def forget(self) -> None:
        """Release what is kept between batches."""


def logprobs_at(logits: Any, places: Any, tokens: Any) -> Any:
    """Return the log-probabilities [n], float32, of `tokens` [n] under the rows `places` [n] of `logits`.

    The normalisers are computed a few rows at a time: temporary copies then stay in the processor's cache.
    """
    import torch

    norms = torch.cat([rows.float().logsumexp(dim=-1) for rows in logits.split(_ROWS)])
    return logits[places, tokens].float() - norms[places]


_ROWS = 16
