"""Answers of type "raw": all that a reply says."""

from ..task import AnswerFormat, Example


def read_raw(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the text without blanks around it; None if it is empty."""
    return text.strip() or None


def is_bare_raw(text: str, form: AnswerFormat) -> bool:
    """Return whether there is any text."""
    return bool(text.strip())


def same_raw(one: str, other: str) -> bool:
    """Return whether two texts are the same but for blanks around them."""
    return one.strip() == other.strip()
