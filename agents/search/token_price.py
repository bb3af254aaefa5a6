"""The tokens that answers cost, and the utility that a candidate loses for them."""

from collections import defaultdict
from math import log2

from ..messages import PromptScored


class TokenPrice:
    """Tokens per answer of each candidate.

    `thrift` is the utility that each doubling of the tokens of an answer costs a candidate. On so many
    `examples` in all, a gain of less than one of them cannot be seen, so that much of the price is left out:
    otherwise equal answers to a few examples would let the shorter prompt win, though its longer rival has a
    rule that these examples do not need.
    """

    def __init__(self, thrift: float, examples: int) -> None:
        self._thrift = thrift
        self._unseen = 1 / max(1, examples)
        self._tokens: dict[str, int] = defaultdict(int)
        self._answers: dict[str, int] = defaultdict(int)
        self._least = 0.0
        self._requests: set[str] = set()
        """Digests of the requests of programs that were counted."""
        self._paid = 0

    @property
    def paid(self) -> int:
        """Tokens that all answers have cost, prompts and replies together.

        Programs that send the same request get the same reply, which is paid once. The prompts of several
        texts that differ in one of them share many. A rate counts them all: it is what a prompt costs in use.
        """
        return self._paid

    def add(self, message: PromptScored) -> None:
        """Count the tokens of a candidate's answers."""
        tokens = message.prompt_tokens + message.completion_tokens
        self._tokens[message.candidate] += tokens
        self._paid += tokens - sum(same for key, same in message.requests.items() if key in self._requests)
        self._requests.update(message.requests)
        self._answers[message.candidate] += len(message.outcomes)
        self._least = min(filter(None, map(self.rate, self._tokens)), default=0.0)

    def rate(self, candidate: str) -> float:
        """Return the mean number of tokens of a candidate's answers, prompt and reply; 0 if none is known."""
        if candidate not in self._tokens:
            return 0.0
        return self._tokens[candidate] / max(1, self._answers[candidate])

    def price(self, candidate: str) -> float:
        """Return the utility that a candidate loses against the one with the fewest tokens per answer."""
        rate = self.rate(candidate)
        return max(0.0, self._thrift * log2(rate / self._least) - self._unseen) if rate else 0.0
