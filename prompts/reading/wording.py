"""Words without their dress: markdown, quotes, brackets, case and spacing are not part of an answer."""

import re

_WRAPPING = " \t*_`\"'<>[]"


def unwrapped(text: str) -> str:
    """Return `text` without the signs around it. Final punctuation stays, because it may matter."""
    return text.strip().strip(_WRAPPING).strip()


def bare(text: str) -> str:
    """Return `text` without the signs around it and without final punctuation: "**Yes**." becomes "Yes"."""
    return text.lstrip(_WRAPPING).rstrip(_WRAPPING + ".!")


def folded(text: str) -> str:
    """Return the bare words of `text`, in one case and with single spaces, to compare them with others."""
    return bare(re.sub(r"\s+", " ", text)).casefold()


def same_words(one: str, other: str) -> bool:
    """Return whether two answers have the same words, whatever their case, spacing and punctuation."""
    return folded(one) == folded(other)
