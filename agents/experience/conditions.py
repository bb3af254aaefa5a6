"""The condition of a rule, such as "For refund cases", and the topic that it names."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

WORD = re.compile(r"[^\W\d_]+")
_OPENS = re.compile(r"(?:for|if|when|whenever|where|in|unless|with|on|about)\b", re.IGNORECASE)
_WITHIN = re.compile(r"\b(?:if|when|whenever|unless)\b.*", re.IGNORECASE | re.DOTALL)
_COMMON = 0.4
"""Share of the inputs above which a word says nothing about what an input is about."""


def condition(sentence: str) -> str:
    """Return the condition of a rule in lower case; "" for a sentence that holds of every input.

    It is the beginning up to a comma or colon, or what follows "if" or "when" later in the sentence.
    """
    if _OPENS.match(sentence) and (end := re.search(r"[,:]", sentence)):
        return sentence[: end.start()].casefold()
    within = _WITHIN.search(sentence)
    return within[0].casefold().rstrip(".!") if within else ""


class Topics:
    """The words of the inputs that experience was gathered on, by the share of the inputs that hold them."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._shares = shares

    @classmethod
    def of_inputs(cls, inputs: Iterable[str]) -> Self:
        """Return the topics of these inputs."""
        words = [words_of(text) for text in inputs]
        counts = Counter(word for one in words for word in one)
        return cls({word: count / len(words) for word, count in counts.items()})

    def topic(self, sentence: str) -> str:
        """Return the rarest word of the sentence's condition that the inputs hold; "" if it is common."""
        known = [word for word in words_of(condition(sentence)) if self._shares.get(word)]
        rarest = min(known, key=lambda word: (self._shares[word], word), default="")
        return "" if self.share(rarest) > _COMMON else rarest

    def share(self, word: str) -> float:
        """Return the share of the inputs that hold a word, in [0, 1]."""
        return self._shares.get(word, 0.0)


def words_of(text: str) -> set[str]:
    """Return the words of a text in lower case."""
    return set(WORD.findall(text.casefold()))
