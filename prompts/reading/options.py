"""Find the option that some words name: exactly, or without regard to case, spacing and punctuation."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from unicodedata import normalize

from .wording import folded, loose, one_line


def _exact(text: str) -> str:
    return normalize("NFC", text).strip()


def _caseless(text: str) -> str:
    return one_line(text).casefold()


_COMPARED: tuple[Callable[[str], str], ...] = (_exact, _caseless, loose, folded)
"""Ways to compare words with an option, the strictest first."""


def named(text: str, options: Sequence[str]) -> int | None:
    """Return the index of the option that `text` names; None if it names none, or several equally well."""
    for number, key in enumerate(_COMPARED):
        words = key(text)
        same = [index for index, option in enumerate(_keys(tuple(options), number)) if option == words]
        if same:
            return same[0] if len(same) == 1 else None
    return None


@lru_cache(maxsize=256)
def _keys(options: tuple[str, ...], number: int) -> tuple[str, ...]:
    return tuple(map(_COMPARED[number], options))
