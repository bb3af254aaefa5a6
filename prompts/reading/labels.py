"""Find the labels "Answer:", "Confidence:" and the like in a reply, with the text that each introduces."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import islice, pairwise

from ..task import AnswerType

_MOST = 400
"""Highest number of labels that are looked at. A reply with more is no answer in any sense."""
_CONTEXT = 160
"""Number of characters before a label, in its line, that show whether it is a label."""
_KEYWORD = re.compile(
    r"(?<![^\W_])(?<!\\)(?:(?P<answer>answer)|(?P<short>ans|a)|(?P<confidence>confidence|certainty|conf)|"
    r"(?P<other>label|result|output|prediction|solution|verdict|classification|category|response|choice))(?![^\W_])",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"(?:[ \t](?:level|score|rating|value|estimate|percentage|option|choice))?"
    r"(?:[ \t]?\([^()\n]{0,60}\)(?=[ \t*_`]{0,6}[:=：＝|]))?"
    r"[ \t*_`\"'”’»\])}~]{0,12}"
    r"(?P<sign>[:=：＝|]|->|→|=>|⇒|\b(?:is|would be|must be)\b(?:\s?[:=])?|[-–—](?=\s)|\n|[ \t])",
    re.IGNORECASE,
)
_DECORATION = re.compile(r"\d{1,2}[.)]|[^\w\s']|_")
_SENTENCE_END = re.compile(r"(?:[.!?;:。！？]['\")\]*_]{0,3}|[,(|，])\s?")
_COLONS = frozenset(":=：＝|")
_LEADING = """
the my our so thus therefore hence then and final correct right best overall short in conclusion i
think believe would say that ok okay sure here is here's a this it means as result summary finally
conclude we get have to be given based on above analysis well now alright great predicted model's
suggested chosen selected single most likely corrected revised updated new
"""
_DRAFTING = """
draft initial first tentative preliminary possible previous original wrong incorrect candidate
alternative earlier guess expected example sample
"""
_LEADS, _DRAFT = frozenset(_LEADING.split()), frozenset(_DRAFTING.split())
_LAST = frozenset(("final", "finally", "corrected", "revised", "updated"))


class Rank(IntEnum):
    """Weight of a statement: those of the highest rank in a reply are its answer."""

    BARE = 0
    PROSE = 1
    LINE = 2
    FINAL = 3


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a text, with the value that it introduces."""

    kind: str
    """"answer" or "confidence"."""
    start: int
    """Place of the label, with the signs before it."""
    value_start: int
    value: str
    rank: Rank
    short: bool = False
    """True for a label such as "A:", which may also be a letter."""


def find_labels(text: str, kind: AnswerType) -> list[Label]:
    """Return the labels of `text` in order, each with its value.

    A value ends with its line, or with the label after it. An answer that is a "text" goes on to the label of
    its confidence, if there is one. The label "A:" is none if the answer is a "letter".
    """
    found = list(islice((label for label in _labels(text) if _suits(label, kind)), _MOST))
    ends = [*(label.start for label in found[1:]), len(text)][: len(found)]
    return [
        replace(label, value=_value(text, label, end, whole=kind == "text" and followed))
        for label, end, followed in zip(found, ends, _followed(found), strict=True)
    ]


def _suits(label: Label, kind: AnswerType) -> bool:
    """Return whether a label suits the kind: "A:" may be a letter, and a text may hold the word "answer"."""
    if kind == "letter":
        return not label.short
    return kind != "text" or label.kind == "confidence" or label.rank >= Rank.LINE


def _followed(labels: list[Label]) -> list[bool]:
    """Return for each label whether the next one is that of a confidence."""
    return [*(after.kind == "confidence" for _, after in pairwise(labels)), False][: len(labels)]


def _labels(text: str) -> Iterator[Label]:
    end = 0
    for keyword in _KEYWORD.finditer(text):
        separator = _SEPARATOR.match(text, keyword.end())
        if separator and keyword.start() >= end and (label := _label(text, keyword, separator)):
            end = separator.end()
            yield label


def _label(text: str, keyword: re.Match[str], separator: re.Match[str]) -> Label | None:
    sign = separator["sign"].casefold()
    minor = bool(keyword["short"] or keyword["other"])
    if minor and sign not in _COLONS:
        # Most are the article "a": a long reply has thousands.
        return None
    line_start = _line_start(text, keyword.start())
    before = text[max(line_start, keyword.start() - _CONTEXT) : keyword.start()]
    words, at_start = _words_before(before)
    at_start = at_start and keyword.start() - line_start <= _CONTEXT
    if not _is_label(sign, words, at_start=at_start, minor=minor, confidence=bool(keyword["confidence"])):
        return None
    if not at_start or keyword["other"] or sign in " \t":
        rank = Rank.PROSE
    else:
        rank = Rank.FINAL if words and words & _LAST else Rank.LINE
    start = line_start if at_start else keyword.start() - len(before) + len(before.rstrip())
    kind = "confidence" if keyword["confidence"] else "answer"
    return Label(kind, start, separator.end(), "", rank, short=bool(keyword["short"]))


def _is_label(sign: str, words: set[str] | None, *, at_start: bool, minor: bool, confidence: bool) -> bool:
    """Return whether a keyword with `words` before it and `sign` after it is a label."""
    if minor:
        return at_start and not words
    if confidence and sign in _COLONS:
        return True
    if words is None or words & _DRAFT:
        return False
    return not sign.isspace() or (
        at_start and (sign != "\n" or not words - _LAST) and (sign == "\n" or not words)
    )


def _line_start(text: str, at: int) -> int:
    """Return the start of the line of `at`, or a place before the context of a label in a long line."""
    start = max(0, at - 2 * _CONTEXT)
    return text.rfind("\n", start, at) + 1 or start


def _words_before(before: str) -> tuple[set[str] | None, bool]:
    """Return the words that lead to a label, and whether they begin its line; None if it is in a sentence."""
    words = _lead_words(before)
    if words is not None:
        return words, True
    ends = list(_SENTENCE_END.finditer(before))
    return (_lead_words(before[ends[-1].end() :]) if ends else None), False


def _lead_words(text: str) -> set[str] | None:
    plain = text.casefold().replace("’", "'").replace("here's", "here is")
    words = [word for part in _DECORATION.sub(" ", plain).split() if (word := part.strip("'"))]
    known = _LEADS | _DRAFT
    return set(words) if all(word in known for word in words) else None


_FENCE = re.compile(r"\s*```[^\n`]*\n")
_BLANK = re.compile(r"[ \t*_`]*\n")
_BULLET = re.compile(r"[ \t]{0,9}[-–•*][ \t]+")
_EXPLAINS = re.compile(
    r"\n[\s*_#>-]{0,9}(?:explanation|reason|reasoning|rationale|justification|note|because|why)\b",
    re.IGNORECASE,
)


def _value(text: str, label: Label, end: int, *, whole: bool) -> str:
    """Return the value of `label` before `end`: a fenced block, all lines if `whole`, or the first line."""
    start = label.value_start
    if fence := _FENCE.match(text, start, end):
        closing = text.find("```", fence.end(), end)
        return text[start : closing + 3] if closing >= 0 else text[start:end]
    while blank := _BLANK.match(text, start, end):
        start = blank.end()
        if bullet := _BULLET.match(text, start, end):
            # "- 5" in a line of its own may be an item of a list, or a negative number.
            clear = label.kind == "confidence" or not text[bullet.end() : bullet.end() + 1].isdigit()
            start = bullet.end() if clear else end
    if whole:
        explanation = _EXPLAINS.search(text, start, end)
        value_end = explanation.start() if explanation else end
        return without_link(text[start:value_end]) if value_end < len(text) else text[start:value_end]
    line_end = text.find("\n", start, end)
    if line_end >= 0 or end == len(text):
        return text[start : line_end if line_end >= 0 else end]
    return without_link(text[start:end])


def without_link(value: str) -> str:
    """Return a value without the signs at its end that may join it with a label in the same line."""
    return value.rstrip(" \t\n([{,;|/•·–—-")
