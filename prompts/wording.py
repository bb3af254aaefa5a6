"""Compare texts as people do: Unicode form, case, blanks and invisible characters make no difference."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u2060\ufe0e\ufe0f\ufeff]")
"""Soft hyphens, zero-width blanks, marks of direction, variation selectors and byte order marks."""
_DRESS = frozenset(" \t\n*_`\"'<>[](){}“”‘’«»")
_PUNCTUATION = frozenset(".!?,;:。！？，")
_MOST_DRESS = 12
"""Number of signs at each end of a text that may be dress."""


def nfc(text: str) -> str:
    """Return `text` in Unicode normal form C, in which an accented letter is one character."""
    return unicodedata.normalize("NFC", text)


def single_spaced(text: str) -> str:
    """Return `text` in form C, without blanks around it and with single blanks within."""
    return " ".join((text if text.isascii() else nfc(text)).split())


def text_key(text: str) -> str:
    """Return `text` in form C without case, invisible characters, and with single blanks."""
    return spaced_key(single_spaced(text))


def spaced_key(text: str) -> str:
    """Return the key of a text that is in form C with single blanks."""
    if text.isascii():  # Most texts are, and this takes a third of the time.
        return text.lower()
    if _INVISIBLE.search(text):
        text = single_spaced(_INVISIBLE.sub("", text))
    # Case folding may take a text out of form C.
    return nfc(text.casefold())


@lru_cache(maxsize=4096)
def option_key(text: str) -> str:
    """Return what makes an option itself: its text in form C without case, blanks and invisible characters.

    Signs count: "<" and ">", or "Great" and "Great!", are different options.
    """
    return text_key(text)


def match_option(text: str, options: Sequence[str]) -> int | None:
    """Return the index of the option that `text` names; None if it names none or several.

    Quotes, brackets, markdown and final punctuation around the text may be missing or extra. An option that
    needs fewer of these signs to be removed goes first, so that "Great!" names "Great!" rather than "Great".
    """
    keys = [option_key(option) for option in options]
    key = option_key(text)
    lead, trail = _dress(key)
    for removed in range(lead + trail + 1):
        found = {
            index
            for start in range(max(0, removed - trail), min(lead, removed) + 1)
            if (inner := key[start : len(key) - (removed - start)].strip())
            for index, other in enumerate(keys)
            if other == inner
        }
        if found:
            return found.pop() if len(found) == 1 else None
    undressed = [_undressed(other) for other in keys]
    same = [index for index, other in enumerate(undressed) if other and other == _undressed(key)]
    return same[0] if len(same) == 1 else None


def _dress(key: str) -> tuple[int, int]:
    """Return the number of signs at the beginning and at the end that may be dress."""
    lead = next((i for i, sign in enumerate(key[:_MOST_DRESS]) if sign not in _DRESS), len(key[:_MOST_DRESS]))
    end = key[::-1][:_MOST_DRESS]
    trail = next((i for i, sign in enumerate(end) if sign not in _DRESS | _PUNCTUATION), len(end))
    return lead, trail


def _undressed(key: str) -> str:
    lead, trail = _dress(key)
    return key[lead : len(key) - trail] if lead + trail < len(key) else ""
