"""A stated answer: "Answer: ..." and "Confidence: ...", in the demanded form or in another that is clear."""

import re
from functools import lru_cache
from itertools import islice

from ..task import Example, Task
from .choosing import Statement, chosen, confidence_of
from .cleaning import visible, without_tokens
from .confidence import read_confidence
from .form import demanded_values
from .found import read_found
from .kinds import KINDS, read_answer
from .labels import Label, Rank, find_labels, without_link
from .number_sentences import stated_number
from .numerals import ascii_digits
from .reading import Reading
from .reasoning import without_reasoning
from .stated_confidence import unlabelled_confidences
from .structured import with_lines
from .text import without_fence

_NEXT_QUESTION = re.compile(
    r"\n[\s*_#>-]{0,9}(?:text|question|input|q|user|human|options)\s?:", re.IGNORECASE
)
"""Line with which a model goes on to a further question, as in the examples that it has seen."""
_MOST = 50
"""Highest number of marks of one kind that are looked at."""
_LONGEST_BARE = 500
_LAST_DIGITS = re.compile(r"(?<![\d.,])[\d.,]{1,400}\s{0,9}\Z")
_BARE_NUMBER = re.compile(r"[^\w\n]{0,9}\d|[a-z -]{3,80}\Z", re.IGNORECASE)
_REFUSAL = re.compile(
    r"\W*(?:i\s?(?:['’]m| am)? ?(?:can(?:not|['’]t| not)|unable|not able|sorry|do(?:n['’]t| not) know)|"
    r"sorry\b|as an ai\b|(?:n/?a|your answer)\W*\Z)",
    re.IGNORECASE,
)
_BOXED = re.compile(r"\\boxed\s{0,3}\{[^\n]{0,300}")
_RESULT = re.compile(r"^[ \t]{0,9}####[ \t]{0,9}(?=[^\s#])([^\n]{0,300})", re.MULTILINE)


def read_stated(text: str, task: Task, example: Example, *, cut: bool = False) -> Reading:
    """Read the answer and its confidence as a careful person reads them; see `choosing` for several answers.

    `cut` says that the reply was cut off at its token limit: a number at its very end may then lack digits.
    """
    values = None if cut else demanded_values(text, ("Answer", "Confidence"), task, example)
    if values:
        answer, confidence = _answer(values[0], task, example), read_confidence(values[1])
        return Reading(answer, confidence, followed=answer is not None and confidence is not None)
    return read_spoken(spoken(text), task, example, cut=cut)


def read_spoken(text: str, task: Task, example: Example, *, cut: bool = False) -> Reading:
    """Read the answer and its confidence in the spoken part of a reply, in whatever form they stand there."""
    if KINDS[task.answer.type].find:
        return read_found(text, task, example, cut=cut)
    text = with_lines(without_last_digits(text) if cut else text)
    labels = _own(text, find_labels(text, task.answer.type))
    confidences = [
        (label.start, share)
        for label in labels
        if label.kind == "confidence" and (share := read_confidence(label.value)) is not None
    ]
    statements = [_statement(label, task, example) for label in labels if label.kind == "answer"]
    statements += _unlabelled(text, task, example)
    statements.sort(key=lambda statement: statement.start)
    if not any(statement.rank >= Rank.LINE or statement.answer is not None for statement in statements):
        statements = [_bare(text, labels, task, example)]
    confidences = confidences or unlabelled_confidences(text, task.answer.type)
    same = KINDS[task.answer.type].same
    statement = chosen(statements, [start for start, _ in confidences], text, same)
    confidence = confidence_of(statement, statements, confidences, same)
    return Reading(statement.answer if statement else None, confidence)


def without_last_digits(text: str) -> str:
    """Return the text of a reply that was cut off without a number at its very end, which may lack digits."""
    return _LAST_DIGITS.sub("", text)


@lru_cache(maxsize=8)
def spoken(text: str) -> str:
    """Return what a reply says to its reader: without invisible signs, reasoning and special tokens.

    The last results are kept, because several readers of one reply ask for it.
    """
    return without_tokens(without_reasoning(visible(text)))


def _own(text: str, labels: list[Label]) -> list[Label]:
    """Return the labels before a further question that the model asks itself."""
    first = next((label for label in labels if label.kind == "answer" and label.rank >= Rank.LINE), None)
    further = _NEXT_QUESTION.search(text, first.value_start) if first else None
    return [label for label in labels if not further or label.start < further.start()]


def _statement(label: Label, task: Task, example: Example) -> Statement:
    value = label.value
    answer = _answer(value, task, example)
    if answer is None and (less := without_link(value)) != value:
        answer = _answer(less, task, example)
    return Statement(label.start, label.value_start + len(value), label.rank, answer)


def _answer(value: str, task: Task, example: Example) -> str | None:
    """Return the canonical answer; None also for free text that refuses to answer."""
    refused = task.answer.type == "text" and _REFUSAL.match(value)
    return None if refused else read_answer(value, task, example)


def _unlabelled(text: str, task: Task, example: Example) -> list[Statement]:
    """Return the answers that a box of LaTeX marks, and numbers after "####"."""
    marked = [(found.start(), _in_braces(found[0])) for found in islice(_BOXED.finditer(text), _MOST)]
    if task.answer.type == "number":
        marked += [(found.start(), found[1]) for found in islice(_RESULT.finditer(text), _MOST)]
    return [
        Statement(start, start + len(value), Rank.PROSE, read_answer(value, task, example))
        for start, value in marked
    ]


def _in_braces(text: str) -> str:
    """Return the text in the braces that open in `text`, or the rest of `text` if they do not close."""
    start = text.index("{") + 1
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "{") - (text[at] == "}")
        if not depth:
            return text[start:at]
    return text[start:]


def _bare(text: str, labels: list[Label], task: Task, example: Example) -> Statement:
    """Return the answer of a reply that says nothing else, except its confidence."""
    for label in reversed(labels):
        if label.kind == "confidence":
            text = text[: label.start] + text[label.value_start + len(label.value) :]
    text = without_fence(text.strip()).strip(" \t\n,;|")
    kind = task.answer.type
    if _REFUSAL.match(text) or (kind == "text" and "\n" in text):
        return Statement(0, 0, Rank.BARE, None)
    if kind == "number":
        text, answer = _bare_number(text, task, example)
    else:
        answer = read_answer(text, task, example) if len(text) <= _LONGEST_BARE else None
    return Statement(0, len(text), Rank.BARE, answer)


def _bare_number(text: str, task: Task, example: Example) -> tuple[str, str | None]:
    """Return the words of a reply that state a number, and the number, if it can be read."""
    digits = ascii_digits(text)
    answer = None
    if "\n" not in text and _BARE_NUMBER.match(digits):
        answer = read_answer(text, task, example)
    if answer is None:
        text = stated_number(digits)
        answer = read_answer(text, task, example)
    return text, answer if len(text) <= _LONGEST_BARE else None
