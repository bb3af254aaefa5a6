"""New rows for a winner: read from a file, and mapped to the columns that its request shows."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from ...prompts.errors import TaskError
from ...prompts.loading.cells import MISSING, cell_text, choices_of, find_cell
from ...prompts.loading.rows import Row, read_rows
from ...prompts.loading.task_settings import TaskSettings
from ...prompts.task import Example
from ..errors import ConfigError
from .template import has_contexts, own_request
from .winner import Winner

_Mapping = Mapping[str, str | tuple[str, ...]]


def read_new_rows(path: Path, settings: TaskSettings | None, limit: int | None) -> list[Row]:
    """Return the rows of a file, each with its place, at most `limit`.

    The form of the file is recognised, or declared as that of the task's own data. Raises `TaskError` if the
    file cannot be read, `ConfigError` if it has no rows.
    """
    rows = list(islice(read_rows(str(path.absolute()), Path(), settings.data if settings else None), limit))
    if not rows:
        raise ConfigError(f"{path} holds no rows. Give a file with one row for each request.")
    return rows


def new_example(winner: Winner, settings: TaskSettings | None, row: Row, number: int) -> Example:
    """Return the example that a row of a new file is, without a right answer.

    The columns are those of the task's settings; without settings each field is the column of its name.
    Raises `TaskError` naming the place and the column of a cell that is missing or of no use.
    """
    (where, cells), task = row, winner.task
    mapped = settings.data.columns if settings else {}
    columns: _Mapping = {field: column for field, column in mapped.items() if not isinstance(column, dict)}
    choices = _choices(columns, cells, where) if task.answer.type == "letter" else ()
    question = context = ""
    shown: dict[str, Any] = {}
    if own_request(task):
        names = [name for name in winner.template.columns if not (choices and name == "choices")]
        shown = {name: _cell(columns, cells, where, name) for name in names}
    else:
        question = _text(columns, cells, where, "question")
        if not question:
            raise TaskError(f"{where}: the question is empty.")
        if has_contexts(task):
            context = _text(columns, cells, where, "context", needed="context" in columns)
    return Example(
        id=str(number),
        question=question,
        answer="",
        context=context or None,
        choices=choices or None,
        columns=shown,
    )


def _choices(columns: _Mapping, cells: Mapping[str, Any], where: str) -> tuple[str, ...]:
    several = columns.get("choices", "choices")
    if isinstance(several, tuple):
        found = [_cell({}, cells, where, column) for column in several]
    else:
        found = choices_of(_cell(columns, cells, where, "choices"), where, several)
    if not 2 <= len(found) <= len(ascii_uppercase):
        raise TaskError(f'{where}: answers of type "letter" need a list of 2 to 26 choices in each row.')
    return tuple(cell_text(one, where, "choices") for one in found)


def _text(columns: _Mapping, cells: Mapping[str, Any], where: str, field: str, *, needed: bool = True) -> str:
    cell = _cell(columns, cells, where, field) if needed else cells.get(field)
    return cell_text(cell, where, field)


def _cell(columns: _Mapping, cells: Mapping[str, Any], where: str, field: str) -> Any:
    column = columns.get(field, field)
    assert isinstance(column, str)
    cell = find_cell(cells, column)
    if cell is MISSING:
        raise TaskError(
            f"{where}: there is no column {column!r}, which the request shows; there are "
            f"{', '.join(map(str, cells))}."
        )
    # Dates and the like have a text, but no JSON.
    return cell if _is_json(cell) else cell_text(cell, where, column)


def _is_json(cell: Any) -> bool:
    if isinstance(cell, list | tuple):
        return all(map(_is_json, cell))
    if isinstance(cell, Mapping):
        return all(map(_is_json, cell.values()))
    return cell is None or isinstance(cell, str | bool | int | float)
