"""Shorten long texts in their middle: what matters stands at the beginning and at the end more often."""

_GAP = " [...] "
_BEGINNING = 0.6
"""Share of the length that the beginning gets."""
_LOST = 40
"""Most characters that are given up for a cut between two words."""


def shorten(text: str, limit: int) -> str:
    """Return `text` with at most `limit` characters: its beginning and its end, cut between words.

    A text that is short enough comes back without the blanks around it.
    """
    text = text.strip()
    if len(text) <= limit:
        return text
    room = limit - len(_GAP)
    if room < 2:
        return text[: max(0, limit)]
    head = round(room * _BEGINNING)
    return f"{_head(text, head)}{_GAP}{_tail(text, room - head)}"


def _head(text: str, size: int) -> str:
    """Return the beginning of a longer text, without a word that is cut in two unless it is very long."""
    head = text[:size]
    if not text[size].isspace() and (cut := _last_blank(head)) >= size - _LOST:
        head = head[:cut]
    return head.rstrip()


def _tail(text: str, size: int) -> str:
    """Return the end of a longer text, without a word that is cut in two unless it is very long."""
    tail = text[len(text) - size :]
    if not text[len(text) - size - 1].isspace() and 0 <= (cut := _first_blank(tail)) <= _LOST:
        tail = tail[cut:]
    return tail.lstrip()


def _last_blank(text: str) -> int:
    return max((at for at, sign in enumerate(text) if sign.isspace()), default=-1)


def _first_blank(text: str) -> int:
    return next((at for at, sign in enumerate(text) if sign.isspace()), -1)
