"""Sentences that state a number: "There are 8 of them", "The sum is eight", "3 + 5 = 8"."""

import re

from .numerals import number_in_words
from .sentences import CONCLUSION, is_sure

_NUMBER = re.compile(
    r"(?P<before>[^.!?;\d]{1,200}?\b(?:is|are|be|equals?|has|have|makes?|costs?|needs?|gets?|comes? to|"
    r"amounts? to|totals?)\b(?:\s+[^\W\d]+){0,4}|[^.!?;\d]{1,200}[:=])[^\w.!?\n]{0,6}\d[^!?;\n]*\Z",
    re.IGNORECASE,
)
"""A sentence with one number, and what stands before it."""
_IN_WORDS = re.compile(
    r"(?P<before>[^.!?;:\d]{1,200}?\b(?:is|are|equals?|makes?))\s+(?P<number>[a-z][a-z -]{1,60})[.!]?\s*\Z",
    re.IGNORECASE,
)
"""A sentence with a number in words."""
_CALCULATED = re.compile(
    r"[^\d\n]{0,200}\d[\d.,]{0,30}(?:\s(?:plus|minus|times|multiplied\s+by|divided\s+by)\s\W{0,3}\d[\d.,]{0,30}){1,9}\s"
    r"(?:is|are|equals?|makes?|gives?)\s(?=\W{0,3}\d)",
    re.IGNORECASE,
)
"""A calculation in words, up to its result."""
_RESULT = re.compile(
    r"\W{0,9}(?:(?:[^\W\d]\w{0,20}\s?|[\d\s.,+*/×÷()$€£%-]{1,100})=\s?)?[-$€£]?\s?\d[\d.,]{0,30}\W{0,9}"
)
"""A line that holds a number alone, or a calculation up to its result."""
_ALONE = re.compile(r"\W{0,9}\d[\d.,]{0,30}\W{0,9}")
_CONCLUDING = re.compile(
    r"\b(?:total|sum|together|so|thus|therefore|hence|altogether|in all|final|finally|answer|overall|"
    r"result)\b",
    re.IGNORECASE,
)
_THERE = re.compile(r"\bthere(?=\s+(?:is|are)\b)", re.IGNORECASE)


def stated_number(text: str) -> str:
    """Return the sentence of `text` that states a number, as in "There are 8 of them."; "" if none does.

    It is the only line, or a last one that draws a conclusion.
    """
    *before, last = text.splitlines() or [""]
    if before and _RESULT.fullmatch(last) and not any(map(_ALONE.fullmatch, before)):
        return last
    if (calculated := _CALCULATED.match(last)) is not None:
        return last[calculated.end() :]
    if (concluded := CONCLUSION.match(last)) is not None:
        before, last = [], concluded["clause"]
        if last[:1].isdigit():
            return last
    if (found := _IN_WORDS.match(last)) and number_in_words(found["number"]) is not None:
        stated = is_sure(found["before"]) and (not before or _CONCLUDING.search(found["before"]))
        return found["number"] if stated else ""
    found = _NUMBER.match(last)
    if found is None or (before and not _CONCLUDING.search(found["before"])):
        return ""
    return last if is_sure(_THERE.sub("", found["before"])) else ""
