"""Answers of type "label": one of the labels of the task."""

from ..task import AnswerFormat, Example
from .wording import folded


def read_label(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the label that `text` names, as the task writes it; None if it names none."""
    words = folded(text)
    return next((label for label in form.labels if folded(label) == words), None)
