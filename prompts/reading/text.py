"""Answers of type "text": free text."""

import re

from ..task import AnswerFormat, Example
from .wording import undressed

_FENCE = re.compile(r"\s*```[^\n`]*\n")


def read_text(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the text without markdown, quotes and code fences around it; None if it is empty."""
    return undressed(without_fence(text)) or None


def without_fence(text: str) -> str:
    """Return what stands in the code fence around `text`, or `text` if there is none around the whole."""
    opening = _FENCE.match(text)
    body, fence, after = text[opening.end() :].rpartition("```") if opening else ("", "", "")
    return body if fence and not after.strip() else text
