"""Right answers of type "json": a value, JSON text, or an object that several columns make up."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import TaskError
from ..reading.json_text import canonical
from .cells import MISSING
from .drafts import Draft
from .fields import from_csv
from .json_rows import parse_json

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,300})(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?")
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def spread_values(drafts: Sequence[Draft], schema: str | None, *, of_columns: bool) -> None:
    """Set the `answers` of each draft to its value as compact JSON, with the keys in their order.

    The cells of a CSV file are text: a column of numbers or truth values becomes values of these, unless
    `schema` calls it text. Raises `TaskError` naming the row if a text is no JSON.
    """
    given = [draft for draft in drafts if draft.gold is not MISSING]
    if of_columns:
        _read_csv_cells([draft for draft in given if from_csv(draft.where)], _text_fields(schema))
    for draft in given:
        value = draft.gold
        if isinstance(value, str) and not of_columns:
            value = _parsed(draft)
        draft.answers = (canonical(value),)
        draft.gold = MISSING


def _parsed(draft: Draft) -> Any:
    try:
        return parse_json(draft.gold)
    except ValueError as error:
        raise TaskError(
            f"{draft.where}: the answer {draft.gold!r:.200} is not JSON ({error}). Write it as JSON, or name "
            'the columns that make it up: data.columns = { answer = { name = "...", ... } }.'
        ) from error


def _read_csv_cells(drafts: Sequence[Draft], texts: frozenset[str]) -> None:
    for key in drafts[0].gold if drafts else ():
        cells = [draft.gold[key].strip() for draft in drafts]
        read = _reader(cells) if key not in texts else str
        for draft, cell in zip(drafts, cells, strict=True):
            draft.gold[key] = read(cell) if cell else ("" if key in texts else None)


def _reader(cells: Sequence[str]) -> Callable[[str], Any]:
    """Return the function that reads the cells of a column, which are all of one kind."""
    if all(not cell or _NUMBER.fullmatch(cell) for cell in cells):
        return json.loads
    if all(not cell or cell in _TRUTH for cell in cells):
        return _TRUTH.__getitem__
    return str


def _text_fields(schema: str | None) -> frozenset[str]:
    """Return the fields that a schema calls text."""
    properties = json.loads(schema).get("properties") if schema else None
    if not isinstance(properties, Mapping):
        return frozenset()
    return frozenset(
        key for key, rule in properties.items() if isinstance(rule, Mapping) and rule.get("type") == "string"
    )
