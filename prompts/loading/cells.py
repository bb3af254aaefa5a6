"""Cells of a row: find them, and turn them into text.

A cell becomes text if it has one obvious text: a string, a number, a boolean ("true" or "false") or a date
(in ISO 8601). Any other value is refused, because it has no text but the one of the programming language.
"""

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ..errors import TaskError
from .json_rows import parse_json

MISSING: Any = object()
"""Stands for a column that a row does not have."""


def find_cell(row: Mapping[str, Any], column: str) -> Any:
    """Return the cell in `column`, or MISSING.

    "answers.text" is the column `text` within `answers`, and "answers.0" the first item of a list. A step
    into a list of objects returns the list of what each of them holds.
    """
    if column in row:
        return row[column]
    found: Any = row
    for part in column.split("."):
        found = _inside(found, part)
        if found is MISSING:
            return MISSING
    return found


def _inside(cell: Any, part: str) -> Any:
    if isinstance(cell, Mapping):
        return cell.get(part, MISSING)
    if not isinstance(cell, list | tuple):
        return MISSING
    if part.isdecimal() and len(part) < 10:
        return cell[int(part)] if int(part) < len(cell) else MISSING
    if cell and all(isinstance(item, Mapping) and part in item for item in cell):
        return [item[part] for item in cell]
    return MISSING


def cell_text(cell: Any, where: str, column: str) -> str:
    """Return the text of a cell without blanks around it; "" if it is empty.

    Raises `TaskError` naming the row and the column if the cell is no text.
    """
    match cell:
        case None:
            return ""
        case str():
            return check_text(cell, where, column).strip()
        case bool():
            return "true" if cell else "false"
        case int():
            return _integer(cell, where, column)
        case float() | Decimal():
            return _number(cell, where, column)
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            raise TaskError(
                f"{where}: the column {column!r} holds {kind_of(cell)}, not a text. {_remedy(cell, column)}"
            )


def choices_of(cell: Any, where: str, column: str) -> list[Any]:
    """Return the choices in a cell: a list, a JSON list in a CSV cell, or a table with such a list as `text`.

    Returns an empty list if the cell is empty. Raises `TaskError` if it holds anything else.
    """
    if isinstance(cell, Mapping) and "text" in cell:
        cell = cell["text"]
    if cell is None or cell == "":
        return []
    choices = cell
    if isinstance(cell, str):
        try:
            choices = parse_json(cell)
        except ValueError:
            choices = None
    if not isinstance(choices, list | tuple):
        shown = repr(cell) if len(repr(cell)) < 80 else kind_of(cell)
        raise TaskError(f"{where}: choices must be a list (in CSV a JSON list), not {shown}.")
    if any(choice is None for choice in choices):
        raise TaskError(f"{where}: a choice in the column {column!r} is empty. Fill it in or drop the row.")
    return list(choices)


def right_answers_of(cell: Any, where: str, column: str) -> list[Any]:
    """Return the acceptable answers in a cell: the cell itself, the items of a list, or a table's `text`."""
    if isinstance(cell, Mapping) and "text" in cell:
        cell = cell["text"]
    if not isinstance(cell, list | tuple):
        return [cell]
    if not cell:
        raise TaskError(
            f"{where}: the column {column!r} holds an empty list, so no answer is right. Fill it in or drop "
            "the row."
        )
    if any(item is None or item == "" for item in cell):
        raise TaskError(f"{where}: one of the right answers in {column!r} is empty. Fill it in.")
    return list(cell)


def check_text(text: str, where: str, column: str) -> str:
    """Return `text` unchanged. Raise `TaskError` if it holds what is no character."""
    if "\0" in text:
        raise TaskError(f"{where}: the column {column!r} holds a NUL character. Remove it.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TaskError(
            f"{where}: the column {column!r} holds half of a surrogate pair ({text[error.start]!a}), which "
            "is no character. Remove it."
        ) from error
    return text


def _integer(number: int, where: str, column: str) -> str:
    try:
        return str(number)
    except ValueError:
        raise TaskError(f"{where}: the number in the column {column!r} has too many digits.") from None


def _number(number: float | Decimal, where: str, column: str) -> str:
    if not math.isfinite(number):
        raise TaskError(
            f"{where}: the column {column!r} holds {number}, not a value. Fill it in or drop the row."
        )
    text = str(number)
    return format(Decimal(text), "f") if "e" in text.casefold() else text


def kind_of(cell: Any) -> str:
    """Return the kind of a cell in words."""
    if isinstance(cell, bytes | bytearray | memoryview):
        return "binary data"
    items = cell if isinstance(cell, list | tuple) else [cell]
    tables = [item for item in items if isinstance(item, Mapping)]
    if tables and any(_is_image(item) for item in tables):
        return "an image"
    if tables and all("role" in item and "content" in item for item in tables):
        return "messages of a chat"
    if isinstance(cell, Mapping):
        return f"a table ({', '.join(map(str, list(cell)[:5]))})"
    if isinstance(cell, list | tuple):
        return f"a list of {len(cell)}"
    return f"a value of type {type(cell).__name__}"


def _is_image(item: Mapping[Any, Any]) -> bool:
    return "image" in str(item.get("type", "")) or "image_url" in item or set(item) == {"bytes", "path"}


def _remedy(cell: Any, column: str) -> str:
    if kind_of(cell) == "an image":
        return "A task consists of text: map a column of text."
    if isinstance(cell, Mapping) and cell:
        return f"Name the part that is meant, such as {f'{column}.{next(iter(cell))}'!r} in data.columns."
    if isinstance(cell, list | tuple) and cell:
        inner = ".content" if isinstance(cell[0], Mapping) and "content" in cell[0] else ""
        return f"Name the item that is meant, such as {f'{column}.0{inner}'!r} in data.columns."
    return "Write it as text, or map another column."
