"""Read a stated confidence: a number from 0 to 100, a percentage, a share, or one number out of another."""

import re
from decimal import Decimal

from .numerals import ascii_digits, number_in_words
from .wording import unwrapped

_LONGEST = 500
"""Number of characters of which a confidence is read. The rest is an explanation."""
_NUMBER = re.compile(
    r"(?P<minus>[-−–]\s?)?(?<![\d.,])(?P<number>\d{1,9}(?:[.,]\d{1,9})?|[.,]\d{1,9})(?P<e>e[-+]?\d{1,2})?(?![\d]|[.,]\d)"
    r"\s{0,3}(?P<percent>%|per\s?cent\b|pct\b)?"
    r"(?:\s{0,3}\(?(?:/|\bout of\b|\bof\b)\s{0,3}(?P<whole>\d{1,9}(?:\.\d{1,9})?)(?![\d]|[.,]\d)\s{0,3}%?)?"
)
_SCALE = re.compile(r"\b0\s{0,3}(?:-|–|—|to|and|\.\.\.?)\s{0,3}100\b\s?%?")
"""The scale, repeated from the request."""
_REASON = re.compile(r"\b(?:because|since|given|as|due to|based on|explanation|reason)\b")
_UNCERTAIN = re.compile(
    r"[<>≤≥±]|\d\s?%?\s?\+|\b(?:not|less|more|lower|higher|under|over|above|"
    r"below|least|most|up to|than|minus|plus|"
    r"max|min|maximum|minimum|between|never)\b|n['’]t\b"
)
"""Signs and words of a bound or a denial. A number with them is not the confidence itself."""


def read_confidence(text: str) -> float | None:
    """Return the stated confidence as a share in [0, 1]; None if it means nothing or has several meanings.

    A decimal fraction below 1, such as "0.95", is a share. "1.0" may be a share or one per cent, so it is not
    read. "1" is one per cent, as demanded.
    """
    text = ascii_digits(text[:_LONGEST]).casefold()
    text = unwrapped(_SCALE.sub(" ", text))
    if reason := _REASON.search(text):
        text = text[: reason.start()]
    if _UNCERTAIN.search(text):
        return None
    if not re.search(r"\d", text):
        words = number_in_words(
            re.sub(r"%|\bper\s?cent\b|[*_`\"'.,|()]|\b(?:confident|sure|certain)\b", " ", text).strip()
        )
        return words / 100 if words is not None and words <= 100 else None
    shares = {_share(number) for number in _NUMBER.finditer(text)}
    known = {round(share, 9) for share in shares if share is not None}
    if None in shares or len(known) != 1:
        return None
    return next(share for share in shares if share is not None)


def _share(found: re.Match[str]) -> float | None:
    digits = found["number"].replace(",", ".")
    number = Decimal(digits + (found["e"] or ""))
    fraction = "." in digits or found["e"] is not None
    whole = Decimal(found["whole"] or 100)
    if found["minus"] or not whole or (found["whole"] and number == whole == 50):
        return None  # "50/50" is an even chance in everyday words.
    if not found["percent"] and not found["whole"] and fraction:
        if number == 1:
            return None
        whole = whole if number > 1 else Decimal(1)
    share = float(number / whole)
    return share if share <= 1 else None
