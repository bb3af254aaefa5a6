"""Answers of type "number": one number, compared by value."""

import re
from decimal import Decimal, InvalidOperation

from ..task import AnswerFormat, Example

_NUMBER = re.compile(r"[-+−]?(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)")


def read_number(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the only number in `text`, without thousands separators; None if there is none or several.

    A unit or a sign of currency may stand next to the number.
    """
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    try:
        return str(Decimal(found[0].replace(",", "").replace("−", "-")))
    except InvalidOperation:
        return None


def same_number(one: str, other: str) -> bool:
    """Return whether two canonical numbers have the same value, such as "0.5" and "0.50"."""
    return Decimal(one) == Decimal(other)
