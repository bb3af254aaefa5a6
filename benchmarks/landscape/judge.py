"""The simulated judge, which scores the manners of a reply with noise around the truth."""

import re

from transfer_prompting.agents.models.base import ModelReply, ModelRequest

from .frames import conversation, reply_to
from .words import MANNERS, chance

_RANGE = re.compile(r"\b(\d+)\s*(?:to|and|-|–)\s*(\d+)\b")


class Judge:
    """Answers a request with "Score: N", on the scale that the request names.

    The true quality of a reply is the share of good manners that it shows. `noise` is the largest error of a
    score, as a share of the scale.
    """

    def __init__(self, seed: int, noise: float = 0.25) -> None:
        self._seed = seed
        self._noise = noise

    def __call__(self, request: ModelRequest) -> ModelReply:
        """Return the score of the reply that the request shows."""
        text = conversation(request)
        found = _RANGE.search(text)
        low, high = (int(found[1]), int(found[2])) if found else (0, 100)
        error = self._noise * (2 * chance(self._seed, text, request.seed, request.sample) - 1)
        score = low + (high - low) * min(1.0, max(0.0, quality(text) + error))
        if '"score"' in text:
            return reply_to(request, f'{{"score": {round(score)}}}')
        return reply_to(request, f"Score: {round(score)}")


def quality(reply: str) -> float:
    """Return the share of good manners in a reply, in [0, 1]."""
    return sum(said in reply for _, said in MANNERS.values()) / len(MANNERS)
