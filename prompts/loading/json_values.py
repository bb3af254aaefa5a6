"""JSON values from cells: what a column of a row holds, in the form in which an example keeps it."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ..errors import TaskError
from .cells import check_text, kind_of

_DEEPEST = 40
"""Levels of lists and objects in one cell."""
_LARGEST = 2**63
"""Integers from this size on are kept as text, because a log holds integers of 64 bits."""


def json_value(cell: Any, where: str, column: str) -> Any:
    """Return a cell as a JSON value; texts are unchanged, dates become text in ISO 8601.

    Raises `TaskError` naming the row and the column if the cell holds what JSON does not have.
    """
    if isinstance(cell, str):
        return check_text(cell, where, column)
    if cell is None or isinstance(cell, bool):
        return cell
    return _value(cell, where, column, _DEEPEST)


def is_missing(cell: Any) -> bool:
    """Return whether a cell holds nothing: null, or the "not a number" by which tables mark a gap."""
    return cell is None or (isinstance(cell, float | Decimal) and math.isnan(cell))


def _value(cell: Any, where: str, column: str, depth: int) -> Any:
    match cell:
        case str():
            return check_text(cell, where, column)
        case None | bool():
            return cell
        case int():
            return cell if -_LARGEST <= cell < _LARGEST else _digits(cell, where, column)
        case float():
            if not math.isfinite(cell):
                raise TaskError(f"{where}: the column {column!r} holds {cell}, which is no JSON value.")
            return cell
        case Decimal():
            return _value(
                int(cell) if cell == cell.to_integral_value() else float(cell), where, column, depth
            )
        case datetime() | date() | time():
            return cell.isoformat()
        case Mapping() | list() | tuple() if not depth:
            raise TaskError(f"{where}: the column {column!r} is nested too deeply.")
        case Mapping():
            return {
                check_text(str(key), where, column): _value(value, where, column, depth - 1)
                for key, value in cell.items()
            }
        case list() | tuple():
            return [_value(item, where, column, depth - 1) for item in cell]
        case _:
            raise TaskError(
                f"{where}: the column {column!r} holds {kind_of(cell)}, which cannot be sent or kept. Write "
                "an image as a data: URL, other values as text, or leave the column out."
            )


def _digits(number: int, where: str, column: str) -> str:
    try:
        return str(number)
    except ValueError:
        raise TaskError(f"{where}: the number in the column {column!r} has too many digits.") from None
