"""Rows of files that are no table of named columns, as rows of one.

These are conversations, one JSON object around all rows, and CSV whose first line holds data.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...prompts.loading.decoding import read_text
from ...prompts.loading.json_rows import parse_json
from .columns import Column, columns_of
from .conversations import rows_of_conversations

Rows = list[dict[str, Any]]
_SEPARATED = (".csv", ".tsv", ".tab", ".psv")
_SENTENCE = 8
"""Number of words from which a text is no name of a column."""


def rows_within(file: Path, encoding: str | None) -> tuple[Rows, str] | None:
    """Return the rows within a file that is one JSON object, and a remark; None if it is none."""
    if file.suffix.lower() != ".json":
        return None
    try:
        value = parse_json(read_text(file, encoding))
    except ValueError:
        return None  # It may hold one object on each line, or be faulty: its reader says where.
    return _within(value) if isinstance(value, dict) else None


def rearranged(rows: Sequence[Mapping[str, Any]], file: Path) -> tuple[Rows, str] | None:
    """Return the rows of a table with the same content, and a remark; None if `rows` are a table."""
    columns = columns_of(rows)
    if file.suffix.lower() in _SEPARATED and any(map(_is_data, columns.values())):
        return _named(columns), "The first line holds data rather than names of columns."
    return rows_of_conversations(columns)


def _within(value: dict[str, Any]) -> tuple[Rows, str] | None:
    parts = list(value.values())
    tables = {name: part for name, part in value.items() if _is_table(part)}
    if tables:
        name = max(tables, key=lambda name: len(tables[name]))
        return [dict(row) for row in tables[name]], f"The rows are those of {name!r}."
    lists = len(parts) > 1 and all(isinstance(part, list) for part in parts)
    if lists and len({len(part) for part in parts}) == 1:
        rows = [dict(zip(value, cells, strict=True)) for cells in zip(*parts, strict=True)]
        return rows, "The file holds a list for each column."
    if len(parts) > 1 and all(isinstance(part, dict) and part for part in parts):
        if len(parts) > len(parts[0]):
            return [{"id": key} | part for key, part in value.items()], "The file holds an object of rows."
        if all(part.keys() == parts[0].keys() for part in parts):
            rows = [{name: value[name][key] for name in value} for key in parts[0]]
            return rows, "The file holds an object for each column."
    return None


def _is_table(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(row, dict) for row in value)


def _is_data(column: Column) -> bool:
    """Return whether the name of a column looks like one of its cells."""
    if len(column.name.split()) > _SENTENCE:
        return True
    return column.name in column.distinct and 2 * len(column.distinct) <= len(column.texts)


def _named(columns: Mapping[str, Column]) -> Rows:
    """Return the rows with the first line as one of them, and with names for the columns."""
    longest = max(columns.values(), key=lambda column: column.words)
    few = [c for c in columns.values() if c is not longest and 2 * len(c.distinct) <= len(c.texts)]
    names = {
        column.name: "text" if column is longest else "label" if column in few[-1:] else f"column_{number}"
        for number, column in enumerate(columns.values(), 1)
    }
    first = {names[name]: name for name in columns}
    cells = zip(*(column.rows for column in columns.values()), strict=True)
    return [first, *(dict(zip(names.values(), row, strict=True)) for row in cells)]
