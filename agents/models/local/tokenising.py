"""Tokenising of texts that repeat each other's parts: every part is tokenised once."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

# Characters of the texts whose tokens are kept.
_KEPT_CHARACTERS = 2 << 20


class Tokeniser:
    """Tokenises texts with a tokenizer of transformers, and remembers the parts that it has seen.

    A tokenizer cuts a text at its special tokens before anything else, so the tokens of a text are those of
    its parts, if each part begins with a special token. In a chat the parts are the messages: a system
    message that a thousand requests share is tokenised once. Only tokenizers of the library's fast kind do
    so; others get whole texts.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = _special_tokens(tokenizer)
        self._known: dict[str, list[int]] = {}
        self._characters = 0

    def __call__(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the tokens of each text, without adding special tokens."""
        cut = [list(self._parts(text)) for text in texts]
        self._learn(part for parts in cut for part in parts)
        return [[token for part in parts for token in self._known[part]] for parts in cut]

    def _learn(self, parts: Iterable[str]) -> None:
        """Tokenise the parts that are new, all in one call, which tokenizers spread over the cores."""
        wanted = dict.fromkeys(parts)
        if self._characters > _KEPT_CHARACTERS:
            self._known = {part: self._known[part] for part in wanted if part in self._known}
            self._characters = sum(map(len, self._known))
        new = [part for part in wanted if part not in self._known]
        if new:
            # A chat template has already added the special tokens.
            found = self._tokenizer(new, add_special_tokens=False)["input_ids"]
            self._known.update(zip(new, map(list, found), strict=True))
            self._characters += sum(map(len, new))

    def _parts(self, text: str) -> Iterator[str]:
        if self._special is None:
            yield text
            return
        start = 0
        for match in self._special.finditer(text):
            if match.start() > start:
                yield text[start : match.start()]
                start = match.start()
        yield text[start:]


def _special_tokens(tokenizer: Any) -> re.Pattern[str] | None:
    """Return a pattern of the special tokens at which a text may be cut; None if it may not be cut at all.

    A token that swallows the blanks before it, or that is only one as a word of its own, depends on
    the text around it.
    """
    if not getattr(tokenizer, "is_fast", False) or tokenizer.split_special_tokens:
        return None
    added = tokenizer.added_tokens_decoder.values()
    if any(token.lstrip or token.single_word or token.normalized for token in added if token.special):
        return None
    contents = sorted((token.content for token in added if token.special), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, contents))) if contents else None
