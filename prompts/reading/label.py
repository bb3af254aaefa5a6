"""Answers of type "label": one of the labels of the task."""

import re
from functools import lru_cache

from ..task import AnswerFormat, Example
from .options import named
from .phrases import explained, without_lead, without_trail
from .sentences import stated_option
from .wording import folded, layers, loose

_TRUTH = {"true": "yes", "false": "no"}
_UNIT = r"(?:\s?(?:stars?|points?))?"
_GRADE = re.compile(
    rf"(?P<grade>\d{{1,3}})(?:\.0)?{_UNIT}(?:\s?(?:/|out\s+of)\s?(?P<highest>\d{{1,3}}){_UNIT})?",
    re.IGNORECASE,
)
_LONGEST = 2000
"""Number of characters above which a text is no label, even with an explanation."""


def read_label(text: str, form: AnswerFormat, example: Example) -> str | None:
    """Return the label that `text` names, as the task writes it; None if it names none or several.

    An explanation may follow the label. The label that is written exactly comes before those that differ in
    case, dress or punctuation.
    """
    if len(text) > _LONGEST:
        return None

    def whole(part: str) -> str | None:
        return _whole(part, form.labels)

    def names_another(rest: str, label: str) -> bool:
        words = [*zip(form.labels, form.labels, strict=True), *_yes_and_no(form.labels)]
        return any(other != label and _is_named(word, rest) for word, other in words)

    if (label := whole(text)) is not None:
        return label
    for layer in layers(text):
        if (label := explained(without_lead(layer), whole, names_another)) is not None:
            return label
    return stated_option(text, whole, names_another)


def same_label(one: str, other: str) -> bool:
    """Return whether two labels, both as the task writes them, are the same."""
    return one == other


def _whole(text: str, labels: tuple[str, ...]) -> str | None:
    for layer in layers(text):
        for words in (layer, without_trail(without_lead(layer))):
            if (index := named(words, labels)) is not None:
                return labels[index]
            if (other := _in_other_words(words, labels)) is not None:
                return other
    return None


def _in_other_words(text: str, labels: tuple[str, ...]) -> str | None:
    """Return the label that `text` says in another way: yes for true, or "4 out of 5" for a grade."""
    grade = _GRADE.fullmatch(text)
    if grade is not None and all(map(str.isdecimal, labels)):
        highest = grade["highest"] in (None, max(labels, key=int))
        return grade["grade"] if highest and grade["grade"] in labels else None
    words = _yes_and_no(labels)
    return next((label for word, label in words if word == folded(text)), None) if words else None


@lru_cache(maxsize=256)
def _yes_and_no(labels: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return yes and no, each with the label that it stands for, if the labels are true and false."""
    if {*map(str.casefold, labels)} != {*_TRUTH}:
        return ()
    return tuple((_TRUTH[label.casefold()], label) for label in labels)


def _is_named(label: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(loose(label))}(?!\w)", loose(text)) is not None
