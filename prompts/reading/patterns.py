"""Search hostile text with a regular expression of the user's: bounded in length and in time."""

from functools import lru_cache
from typing import Any

LONGEST = 20_000
"""Number of characters at the end of a text in which a pattern is looked for."""
_SECONDS = 0.5
"""Time after which a search is given up, as some patterns need longer than any run lasts.

Usual patterns need less than a hundredth of it, so the same text is read in the same way everywhere.
"""


def check_pattern(pattern: str, *, groups: int | None = 1) -> None:
    """Raise ValueError with the mend if `pattern` is invalid or has more than `groups` groups."""
    import regex

    try:
        compiled = _compiled(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ValueError(
            f"the pattern {pattern!r} is not a regular expression: {error}. Correct it; a sign such as ( or "
            "* that stands for itself has a backslash before it"
        ) from None
    if groups is not None and compiled.groups > groups:
        raise ValueError(
            f"the pattern {pattern!r} has {compiled.groups} groups, and one at most can be the answer. Write "
            "(?:...) for groups that are not"
        )


def last_match(pattern: str, text: str) -> str | None:
    """Return the last match of `pattern` in `text` that is not blank: its group if it has one, or all of it.

    Only the last `LONGEST` characters are searched. Return None if there is no match, or if the search takes
    too long.
    """
    compiled = _compiled(pattern)
    last = None
    try:
        for match in compiled.finditer(text[-LONGEST:], timeout=_SECONDS):
            found = match[compiled.groups] or ""
            last = found if found.strip() else last
    except TimeoutError:
        return None
    return last


def matches(pattern: str, text: str) -> bool:
    """Return whether `pattern` is found in the first `LONGEST` characters of `text` in time."""
    try:
        return _compiled(pattern).search(text[:LONGEST], timeout=_SECONDS) is not None
    except TimeoutError:
        return False


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> Any:
    import regex  # Loaded when it is needed, because most tasks have no pattern.

    return regex.compile(pattern)
