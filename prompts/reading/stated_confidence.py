"""Confidences in a reply that stand apart from its answer."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import islice

from ..task import AnswerType
from .choosing import confidence_of
from .confidence import read_confidence
from .labels import Label, find_labels

_MOST = 50
"""Highest number of marks of one kind that are looked at."""
_ASIDE = re.compile(r"\((\d{1,3}(?:[.,]\d{1,4})?\s?%)\)")
"""A percentage in brackets, after an answer that is no number."""
_SECOND_LINE = re.compile(r"[^\n]{1,500}\n\s{0,9}(\d{1,3}(?:[.,]\d{1,4})?\s?%?)")
_LOOSE = re.compile(r"\bconfidence(?: of)?\s{1,3}(\d{1,3}(?:[.,]\d{1,4})?\s?%?)", re.IGNORECASE)
_SURE = re.compile(
    r"(\d{1,3}(?:\.\d{1,4})?\s?(?:%|per\s?cent))\s(?:confident|confidence|sure|certain|certainty)\b",
    re.IGNORECASE,
)


def only_confidence(text: str, kind: AnswerType) -> float | None:
    """Return the only confidence that `text` states; None if it states none, or several."""
    read = [(label.start, share) for label, share in _labelled(text)]
    return confidence_of(None, [], read or unlabelled_confidences(text, kind), str.__eq__)


def without_confidences(text: str, kept: Sequence[tuple[int, int]] = ()) -> str:
    """Return `text` without the labels of readable confidences and their values.

    Those within the passages `kept`, which are in order, stay.
    """
    for label, _ in reversed(_labelled(text)):
        before = bisect_right(kept, (label.start, len(text)))
        if before and label.start < kept[before - 1][1]:
            continue
        text = text[: label.start] + text[label.value_start + len(label.value) :]
    return text


def unlabelled_confidences(text: str, kind: AnswerType) -> list[tuple[int, float]]:
    """Return the confidences without a label: "90% sure", "yes (90%)", or a second and last line "90"."""
    found = [*islice(_SURE.finditer(text), _MOST), *islice(_LOOSE.finditer(text), _MOST)]
    if kind in ("label", "letter"):
        found += islice(_ASIDE.finditer(text), _MOST)
        found += [line] if (line := _SECOND_LINE.fullmatch(text.strip())) else []
    return [(one.start(1), share) for one in found if (share := read_confidence(one[1])) is not None]


def _labelled(text: str) -> list[tuple[Label, float]]:
    """Return the labels of the confidences that can be read, each with its share."""
    labels = [label for label in find_labels(text, "text") if label.kind == "confidence"]
    return [(label, share) for label in labels if (share := read_confidence(label.value)) is not None]
