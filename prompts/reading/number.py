"""Answers of type "number": one number, compared by value."""

import re
from decimal import Decimal
from unicodedata import category

from ..task import AnswerFormat, Example
from .numerals import NUMERAL, SUPERSCRIPTS, ascii_digits, number_in_words, superscript_value, value_of
from .phrases import explained
from .wording import unwrapped

_LONGEST = 2000
"""Number of characters above which a text is no number."""
_MOST_ZEROS = 100
_MINUS = "-−–﹣‒"
_CURRENCY = "$€£¥₹₽₩₺₴₦฿₫₪₱"
_FOUND = re.compile(
    rf"(?<![\w^.,])(?<!\^[-−{{(])(?P<minus>(?:minus|negative)\s+|[{_MINUS}]\s{{0,3}}(?:[{_CURRENCY}]\s?)?)?"
    rf"(?P<numeral>{NUMERAL})(?P<e>[eE][-+{_MINUS}]?\d{{1,3}}(?![\w.]))?"
    rf"(?:\s?[×xX*·∙⋅]\s?10\s?(?:\^|\*\*)?\s?[({{]{{0,2}}"
    rf"(?P<power>[-+{_MINUS}⁻⁺]?(?:\d{{1,3}}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,3}}))[)}}]{{0,2}}(?!\w))?"
)
_SCALE = re.compile(
    r"\s*(?P<word>(?i:hundred|thousand|million|billion|trillion|dozen|lakh|crore|mio|mrd|mln|bn|mn))s?\b\.?"
    r"|\s?(?P<thousand>k)\b|(?P<letter>[KMBT])\b|\s?(?P<han>[千万萬亿億])",
)
_ZEROS = {
    "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12, "lakh": 5, "crore": 7, "mio": 6,
    "mrd": 9, "mln": 6, "bn": 9, "mn": 6, "k": 3, "m": 6, "b": 9, "t": 12, "千": 3, "万": 4, "萬": 4, "亿": 8,
    "億": 8,
}  # fmt: skip
_LATEX = (
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf|operatorname|mbox)\b"), " "),
    (re.compile(r"(?<!\w)\*\*([^*\n]{1,80})\*\*(?!\w)"), r"\1"),
    (re.compile(r"\^\s?\{?\\circ\}?"), "°"),
    (re.compile(r"\\(?:times|cdot)\b"), "×"),
    (re.compile(r"\\[!,;: ]"), ""),
    (re.compile(r"\{([,.])\}"), r"\1"),
    (re.compile(r"\\([$%#&_])"), r"\1"),
)
_UNCERTAIN = re.compile(
    r"[<>≤≥±√∞π⁄]|\b(?:not|or|between|less|more|fewer|under|over|above|below|least|most|up to|than|neither|"
    r"either|sqrt|pi)\b|n['’]t\b|\\(?:[dt]?frac|sqrt|pi|pm|binom|log|sin|cos)",
    re.IGNORECASE,
)
"""Signs and words with which a number is not the whole answer: a bound, a choice, a formula."""
_MONEY = re.compile(rf"[{_CURRENCY}]|\b(?:EUR|USD|GBP|CHF|euros?|dollars?)\b", re.IGNORECASE)


def read_number(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the only number in `text` in plain decimal digits; None if there is none or several.

    Units, signs of currency, words that name a power of ten, and an explanation may stand with it. Fractions,
    ranges, bounds and formulas are no number, because their value would be a guess.
    """
    if len(text) > _LONGEST:
        return None
    text = ascii_digits(text)
    for pattern, replacement in _LATEX:
        text = pattern.sub(replacement, text)
    text = unwrapped(text)
    return _whole(text) or explained(text, _whole, _goes_on)


def same_number(one: str, other: str) -> bool:
    """Return whether two canonical numbers have the same value, such as "0.5" and "0.50"."""
    return Decimal(one) == Decimal(other)


def _goes_on(rest: str, number: str) -> bool:
    """Return whether an aside begins with a further number, as in "3, 4"."""
    return bool(re.match(r"\W{0,9}\d", rest))


def _whole(text: str) -> str | None:
    text = unwrapped(text.rpartition("=")[2].lstrip("≈~ "))
    if (words := number_in_words(text)) is not None:
        return str(words)
    found = list(_FOUND.finditer(text))
    if len(found) != 1:
        return None
    [number] = found
    before, rest = text[: number.start()], text[number.end() :]
    if _UNCERTAIN.search(before) or _UNCERTAIN.search(rest) or _is_part(before, number, rest):
        return None
    money = bool(_MONEY.search(before) or _MONEY.search(rest) or _MONEY.search(number[0]))
    value = value_of(number["numeral"], comma=money)
    return None if value is None else _scaled(value, number, rest, money=money)


def _is_part(before: str, number: re.Match[str], rest: str) -> bool:
    """Return whether a number is part of something else: a power, a fraction as in 1½, a name as R-2."""
    if before.rstrip()[-1:] in tuple(_MINUS):
        return True
    if rest[:1] and (rest[0] in SUPERSCRIPTS or rest[0] == "^" or rest[:2] == "**"):
        return True
    if re.match(r"[xX][0-9a-fA-F]", rest):
        return True
    return any(category(sign) == "No" and sign not in SUPERSCRIPTS for sign in before + rest)


def _scaled(value: Decimal, number: re.Match[str], rest: str, *, money: bool) -> str | None:
    zeros = sum(_exponent(number[name]) for name in ("e", "power") if number[name])
    if scale := _SCALE.match(rest):
        word = next(group for group in scale.groups() if group).casefold()
        if word == "dozen":
            value *= 12
        zeros += _ZEROS.get(word, 0)
    elif money and re.match(r"m\b", rest):
        zeros += _ZEROS["m"]
    if abs(zeros) > _MOST_ZEROS:
        return None
    plain = f"{Decimal(f'{value:f}e{zeros}') if zeros else value:f}"
    return f"-{plain}" if number["minus"] and value else plain


def _exponent(text: str) -> int:
    digits = superscript_value(text).lstrip("eE")
    for sign in _MINUS:
        digits = digits.replace(sign, "-")
    return int(digits)
