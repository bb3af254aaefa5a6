"""Numerals as people write them in different countries: digits, separators, powers of ten, and words."""

import re
from decimal import Decimal
from unicodedata import decimal, normalize

SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺"
_LOWERED = str.maketrans(SUPERSCRIPTS, "0123456789-+")
_SPACES = "\u00a0\u2000-\u200a\u202f\u205f\u3000"
NUMERAL = r"(?:\d(?:[\d,.'’_]|[ " + _SPACES + r"](?=\d{3}(?!\d)))*|[.,]\d+)"
"""Pattern of the digits of one number, with separators, in text with ASCII digits."""
_PLAIN = re.compile(r"\d+")
_GROUPED = re.compile(r"\d{1,3}(?:(?P<sign>[,.'_ ])\d{3})(?:(?P=sign)\d{3})*|\d{1,2}(?:,\d{2})*,\d{3}")
_MOST_DIGITS = 400
_UNITS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: number for number, word in enumerate(_UNITS.split())} | {
    word: number for number, word in zip(range(20, 100, 10), _TENS.split(), strict=True)
}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def ascii_digits(text: str) -> str:
    """Return `text` with ASCII digits and signs for those of other scripts and widths.

    Superscripts and fractions such as ½ stay as they are, because they are no digits of the number.
    """
    return "".join(map(_ascii, text)) if not text.isascii() else text


def _ascii(sign: str) -> str:
    if sign.isascii() or (sign.isnumeric() and decimal(sign, None) is None):
        return sign
    if (digit := decimal(sign, None)) is not None:
        return str(digit)
    if "\uff01" <= sign <= "\uff5e" or sign in "＄￥％﹣﹪":
        return normalize("NFKC", sign)
    return {"٫": ".", "٬": ",", "٪": "%"}.get(sign, sign)


def value_of(numeral: str, *, comma: bool = False) -> Decimal | None:
    """Return the value of a numeral; None if it is none, or if it has two readings such as "3,4".

    With `comma`, a comma before one or two last digits is a decimal comma.
    """
    text = re.sub(f"[{_SPACES}]", " ", numeral).replace("’", "'").rstrip(".,'_ ")
    if len(text) > _MOST_DIGITS:
        return None
    whole, point, fraction = _split(text, comma=comma)
    if point and not _PLAIN.fullmatch(fraction):
        return None
    digits = _whole(whole)
    if digits is None:
        return None
    return Decimal(f"{digits}.{fraction}" if point else digits)


def superscript_value(text: str) -> str:
    """Return an exponent's digits in ASCII, whether they are raised or not."""
    return text.translate(_LOWERED)


def number_in_words(text: str) -> int | None:
    """Return the value of English words such as "ninety-five" or "two hundred"; None for other text."""
    words = re.sub(r"[\s-]+", " ", text.casefold()).strip(" .!").split(" ")
    total = group = 0
    last = 1000
    for word in words[:12]:
        if word in _WORDS:
            unit = _WORDS[word]
            if not (last >= 100 or (20 <= last < 100 and 0 < unit < 10)):
                return None
            group, last = group + unit, unit
        elif word in _SCALES and group:
            if word == "hundred":
                group *= 100
            else:
                total, group = total + group * _SCALES[word], 0
            last = 1000 if word != "hundred" else 100
        elif word != "and" or last < 100:
            return None
    return total + group if words[-1] in _WORDS or words[-1] in _SCALES else None


def _split(text: str, *, comma: bool) -> tuple[str, str, str]:
    """Split a numeral at its decimal sign: the last one, if it stands once and differs from the others."""
    signs = [sign for sign in text if sign in ",."]
    if not signs:
        return text, "", ""
    last, count = signs[-1], len([sign for sign in signs if sign == signs[-1]])
    whole, _, fraction = text.rpartition(last)
    if count > 1:
        return text, "", ""
    if last == ".":
        return whole, ".", fraction
    other_groups = any(sign in whole for sign in ".' ")
    is_decimal = other_groups or whole in ("", "0") or (comma and len(fraction) <= 2)
    return (whole, ".", fraction) if is_decimal else (text, "", "")


def _whole(text: str) -> str | None:
    """Return the digits of a whole number without separators; None if they are not in groups."""
    if not text:
        return "0"
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return re.sub(r"\D", "", text)
    return None
