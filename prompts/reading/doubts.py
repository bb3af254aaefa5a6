"""Read the doubts of a writing model: examples whose right answer looks wrong to it."""

import re
from dataclasses import dataclass

from .cleaning import visible, without_tokens
from .reasoning import final_channel, outside_tags

_DOUBT = re.compile(
    r"<doubtful(?P<attributes>(?:\s[^<>]{0,300})?)/?>(?:(?P<reason>[^<]{0,2000}(?:<(?!/?doubtful)[^<]{0,2000}){0,20})"
    r"</doubtful\s?>)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\bexample\s?=\s?[\"'“”]?\s?#?(\d{1,4})(?!\d)", re.IGNORECASE)
_ANSWER = re.compile(r"\banswer\s?=\s?(?:\"([^\"]{0,200})\"|'([^']{0,200})'|“([^”]{0,200})”)", re.IGNORECASE)
_REASON = 500
"""Most characters of a reason that are kept."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A right answer that looks wrong."""

    number: int
    """Number of the example in the request, from 1."""
    suggested: str | None
    """Answer that the model thinks right; None if it names none."""
    reason: str


def read_doubts(reply: str, examples: int) -> list[Doubt]:
    """Return the doubts in `reply`, in order; those about numbers above `examples` are left out.

    A doubt has the form <doubtful example="3" answer="spam">reason</doubtful>. Reasoning is never read.
    """
    text = without_tokens(outside_tags(final_channel(visible(reply))))
    found = []
    for match in _DOUBT.finditer(text):
        number = _NUMBER.search(match["attributes"])
        if number and 1 <= int(number[1]) <= examples:
            reason = " ".join((match["reason"] or "").split())[:_REASON]
            found.append(Doubt(int(number[1]), _suggested(match["attributes"]), reason or "no reason given"))
    return found


def without_doubts(reply: str) -> str:
    """Return `reply` without its doubts, so that they are not taken for the instruction."""
    return _DOUBT.sub("", reply)


def _suggested(attributes: str) -> str | None:
    answer = _ANSWER.search(attributes)
    return next((text.strip() for text in answer.groups() if text and text.strip()), None) if answer else None
