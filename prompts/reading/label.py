"""Answers of type "label": one of the labels of the task."""

import re
from collections.abc import Sequence

from ..task import AnswerFormat, Example
from .options import named
from .phrases import explained, without_lead, without_trail
from .sentences import stated_option
from .wording import folded, layers, loose

_TRUTH = {"true": "yes", "false": "no"}
_GRADE = re.compile(
    r"(?P<grade>\d{1,3})(?:\.0)?(?:\s?(?:stars?|points?))?(?:\s?(?:/|out\s+of)\s?(?P<highest>\d{1,3})(?:\s?(?:stars?|points?))?)?",
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
        others = [word for other in form.labels if other != label for word in _words_for(other, form.labels)]
        return any(_is_named(word, rest) for word in others)

    if (label := whole(text)) is not None:
        return label
    for layer in layers(text):
        if (label := explained(without_lead(layer), whole, names_another)) is not None:
            return label
    return stated_option(text, whole, names_another)


def same_label(one: str, other: str) -> bool:
    """Return whether two labels, both as the task writes them, are the same."""
    return one == other


def _whole(text: str, labels: Sequence[str]) -> str | None:
    for layer in layers(text):
        for words in (layer, without_trail(without_lead(layer))):
            if (index := named(words, labels)) is not None:
                return labels[index]
            if (other := _in_other_words(words, labels)) is not None:
                return other
    return None


def _in_other_words(text: str, labels: Sequence[str]) -> str | None:
    """Return the label that `text` says in another way: yes for true, or "4 out of 5" for a grade."""
    grade = _GRADE.fullmatch(text)
    if grade is not None and all(map(str.isdecimal, labels)):
        highest = grade["highest"] in (None, max(labels, key=int))
        return grade["grade"] if highest and grade["grade"] in labels else None
    return next((label for label in labels if folded(text) in _words_for(label, labels)[1:]), None)


def _words_for(label: str, labels: Sequence[str]) -> tuple[str, ...]:
    """Return the label, and its other word if the labels are true and false."""
    if {*map(str.casefold, labels)} != {*_TRUTH}:
        return (label,)
    return label, _TRUTH[label.casefold()]


def _is_named(label: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(loose(label))}(?!\w)", loose(text)) is not None
