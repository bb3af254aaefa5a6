"""Answers of type "text": free text."""

from ..task import AnswerFormat, Example


def read_text(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the text as it is written; None if it is empty."""
    return text or None
