"""Answers of type "label": one of the labels of the task."""

import re
from collections.abc import Sequence

from ..task import AnswerFormat, Example
from .options import named
from .phrases import explained, without_lead, without_trail
from .sentences import stated_option
from .wording import layers, loose

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
        return any(other != label and _is_named(other, rest) for other in form.labels)

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
    return None


def _is_named(label: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(loose(label))}(?!\w)", loose(text)) is not None
