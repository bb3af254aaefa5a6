"""Labels of a task: those of its settings, or the answers that its data hold."""

from collections.abc import Sequence

from ..errors import TaskError
from ..wording import option_key, single_spaced
from .drafts import Draft
from .task_settings import TaskSettings

_MAX_LABELS = 50
"""Data with more different answers than this hold open answers rather than labels."""

_MISSING = frozenset({"nan", "null", "<na>", "n/a", "#n/a"})
"""Ways in which programs write a missing value. "none" is left out, because it may be a label."""


def labels_of(name: str, settings: TaskSettings, drafts: Sequence[Draft]) -> tuple[str, ...]:
    """Return the labels of a task in Unicode form C; those found in the data in alphabetical order.

    Raises `TaskError` naming both labels and their places if two differ only by case, blanks or invisible
    characters, or if the data hold fewer than two different answers or too many to be labels.
    """
    if settings.answer.type != "label" and not settings.answer.labels:
        return ()
    if settings.answer.labels:
        labels = [(f"task {name}, answer.labels", single_spaced(label)) for label in settings.answer.labels]
        if not all(label for _, label in labels):
            raise TaskError(f"task {name}: one of answer.labels is empty. Remove it.")
        _check_distinct(labels, repeated=True)
        return tuple(label for _, label in labels)
    places = [(draft.where, single_spaced(answer)) for draft in drafts for answer in draft.answers if answer]
    found = sorted({label for _, label in places})
    if not 2 <= len(found) <= _MAX_LABELS:
        raise TaskError(
            f"task {name}: its data hold {len(found)} different answers, which are no labels. Give "
            f'answer.labels, or another answer.type ("number", "text", "letter").'
        )
    _check_distinct(places)
    for where, label in places:
        if option_key(label) in _MISSING:
            raise TaskError(
                f"{where}: the answer {label!r} looks like a missing value. Fill it in or drop the row; if "
                "it is a label, list all labels as answer.labels."
            )
    return tuple(found)


def _check_distinct(labels: Sequence[tuple[str, str]], *, repeated: bool = False) -> None:
    """Raise `TaskError` if two labels are hardly different; with `repeated`, also if one occurs twice."""
    seen: dict[str, tuple[str, str]] = {}
    for where, label in labels:
        key = option_key(label)
        if not key:
            raise TaskError(f"{where}: the label {label!r} has no visible character. Write another one.")
        if key not in seen:
            seen[key] = (where, label)
            continue
        first_place, first = seen[key]
        if first == label and repeated:
            raise TaskError(f"{where}: the label {label!r} occurs twice. Remove one.")
        if first != label:
            raise TaskError(
                f"{where}: the label {label!r} differs from {first!r} ({first_place}) only by case, blanks "
                "or invisible characters. Write them alike, or list the labels as answer.labels."
            )
