"""Right answers of type "list": a list, a list in a cell of text, or items between separators."""

import ast
from collections.abc import Sequence
from typing import Any

from ..errors import TaskError
from ..wording import match_option
from .cells import MISSING, cell_text
from .drafts import Draft
from .json_rows import parse_json
from .task_settings import TaskSettings

_SEPARATORS = (";", "|", ",")
_LONGEST = 100_000
"""Number of characters of a cell that is read as a list."""


def spread_lists(settings: TaskSettings, drafts: Sequence[Draft]) -> None:
    """Set the `answers` of each draft to the items of its list.

    The separator is `data.split`, or the whole column decides. Raises `TaskError` naming a row if its cell is
    no list, or if the column may be split in several ways.
    """
    given = [draft for draft in drafts if draft.gold is not MISSING]
    texts = [draft for draft in given if isinstance(draft.gold, str) and draft.gold.strip()]
    bracketed = bool(texts) and all(_parsed(draft.gold) is not None for draft in texts)
    split = settings.data.split
    if split is None and not bracketed:
        split = _separator(settings.answer.labels, texts)
    for draft in given:
        items = _items(draft.gold, split, bracketed=bracketed and settings.data.split is None)
        named = (cell_text(item, draft.where, "answer") for item in items)
        draft.answers = tuple(dict.fromkeys(item for item in named if item))
        draft.gold = None  # It has been understood: an empty list is an answer, too.


def _items(cell: Any, split: str | None, *, bracketed: bool) -> Sequence[Any]:
    if isinstance(cell, list):
        return cell
    if not isinstance(cell, str):
        return [cell]
    if not cell.strip():
        return []
    if bracketed:
        return _parsed(cell) or []
    return cell.split(split) if split else [cell]


def _parsed(cell: str) -> list[Any] | None:
    """Return the list that a text is, as JSON or as Python writes it; None if it is none."""
    text = cell.strip()
    if not (text.startswith("[") and text.endswith("]")) or len(text) > _LONGEST:
        return None
    try:
        found = parse_json(text)
    except ValueError:
        try:
            found = ast.literal_eval(text)  # Tables that pandas has written hold lists in this form.
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            return None
    return found if isinstance(found, list) else None


def _separator(labels: Sequence[str], texts: Sequence[Draft]) -> str | None:
    """Return the sign that separates the items of a column; None if each cell is one item."""
    found = [sign for sign in _SEPARATORS if any(sign in draft.gold for draft in texts)]
    if labels:
        fitting = [
            sign for sign in found if all(_all_labels(draft.gold.split(sign), labels) for draft in texts)
        ]
        return fitting[0] if fitting else (found[0] if len(found) == 1 else None)
    if len(found) < 2:
        return found[0] if found else None
    draft = next(draft for draft in texts if found[0] in draft.gold)
    signs = " or ".join(map(repr, found))
    raise TaskError(
        f"{draft.where}: the items of the answer {draft.gold!r:.200} may be separated by {signs}. Say which: "
        f'data.split = "{found[0]}".'
    )


def _all_labels(items: Sequence[str], labels: Sequence[str]) -> bool:
    return all(match_option(item.strip(), labels) is not None for item in items if item.strip())
