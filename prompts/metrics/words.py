"""Words and sentences of texts in any language.

Scripts that write no spaces between words (Chinese, Japanese, Thai, Lao, Burmese, Khmer) count each character
as a word, as MLQA's evaluation does for Chinese (Lewis et al., 2020).
"""

import re
from unicodedata import category, normalize

ARTICLES = ("a", "an", "the")
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
_ABUGIDAS = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))
"""Scripts without spaces whose letters carry combining marks, which stay with them."""
_ASCII_SIGNS = frozenset("$+<=>^`|~")
_END = re.compile(r"(?:[.!?…]+[\"'”’»)\]*_]*(?=\s|$)|[。！？｡।؟۔]+[”’」』）]*|\n\s*\n)")
_NO_END = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|cf|no|vol|fig|approx|inc|ltd|jr|sr|z\.b|d\.h|bzw)"
    r"|(?:^|[\s(])[^\W\d_]|^\s*\d{1,3})\.$",
    re.IGNORECASE | re.MULTILINE,
)
"""Ends of texts whose full stop ends no sentence: abbreviations, initials, numbers of list items."""


class _Table(dict[int, str | None]):
    """Table for `str.translate` that is filled as characters occur."""

    def __init__(self, *, joined: bool) -> None:
        super().__init__()
        self.joined = joined

    def __missing__(self, code: int) -> str | None:
        self[code] = found = self._replacement(chr(code))
        return found

    def _replacement(self, sign: str) -> str | None:
        kind = category(sign)
        if kind[0] in "LNM":
            if _within(ord(sign), _IDEOGRAPHS):
                return f" {sign} "
            return f" {sign}" if kind == "Lo" and _within(ord(sign), _ABUGIDAS) else sign
        if kind == "Cf":
            return None
        if not self.joined:
            return " "
        if kind[0] == "P" or kind == "Sc" or sign in _ASCII_SIGNS:
            return None
        return " " if kind[0] in "ZC" else sign


_JOINED, _APART = _Table(joined=True), _Table(joined=False)


def squad_tokens(text: str, articles: tuple[str, ...] = ARTICLES) -> list[str]:
    """Return the words of `text` after SQuAD's normalisation (Rajpurkar et al., 2016).

    Case, punctuation, articles and spacing do not count. A text of nothing else is kept as it is.
    """
    folded = normalize("NFKC", text).casefold()
    tokens = folded.translate(_JOINED).split()
    return [token for token in tokens if token not in articles] or tokens or folded.split()


def words(text: str) -> list[str]:
    """Return the words of `text` in one case: runs of letters, digits and their marks."""
    return normalize("NFKC", text).casefold().translate(_APART).split()


def count_words(text: str) -> int:
    """Return the number of words that a word processor would count: "don't" and "3.5" are one word each."""
    spaced = text.translate(_JOINED) if not text.isascii() else text
    return sum(1 for word in spaced.split() if any(sign.isalnum() for sign in word))


def count_sentences(text: str) -> int:
    """Return the number of sentences, which end with a full stop or another final sign, or an empty line."""
    count = start = 0
    for end in _END.finditer(text):
        piece = text[start : end.end()]
        if end[0] == "." and _NO_END.search(piece[-12:] if len(piece) > 12 else piece):
            continue
        count += any(sign.isalnum() for sign in piece)
        start = end.end()
    return count + any(sign.isalnum() for sign in text[start:])


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
