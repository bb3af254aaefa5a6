"""Drafts: rows whose columns have been mapped to fields, before the right answers have been understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from ..errors import TaskError
from .cells import MISSING, cell_text, choices_of, find_cell, right_answers_of
from .rows import Row
from .task_settings import TaskSettings

_REQUIRED = frozenset({"question", "answer"})
_Columns = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of one row. Its right answers are still written as in the data."""

    where: str
    """Place of the row."""
    id: str
    question: str
    context: str
    choices: tuple[str, ...]
    keys: tuple[str, ...]
    """Names of the choices in the data, such as "A" or "1"."""
    answers: tuple[str, ...]
    """Right answers, as text."""
    typed: bool
    """True if the right answers are integers while the choices are texts: then they cannot be the choices."""


def drafts_of(settings: TaskSettings, rows: Sequence[Row]) -> list[Draft]:
    """Return the drafts of rows. Raises `TaskError` naming the row and the column of an unusable cell."""
    return [_draft(settings, where, row) for where, row in rows]


def _draft(settings: TaskSettings, where: str, row: Mapping[str, Any]) -> Draft:
    columns = settings.data.columns

    def text(field: str) -> str:
        cell, column = _cell(columns, row, where, field)
        return cell_text(cell, where, column)

    cell, column = _cell(columns, row, where, "answer")
    raw = right_answers_of(cell, where, column)
    answers = [cell_text(item, where, column) for item in raw]
    if settings.answer.after is not None:
        answers = [_after(settings.answer.after, answer, where, column) for answer in answers]
    choices = _choices(columns, row, where, "choices") if settings.answer.type == "letter" else []
    keys = _choices(columns, row, where, "keys") if "keys" in columns else []
    if keys and len(keys) != len(choices):
        raise TaskError(f"{where}: there are {len(keys)} keys for {len(choices)} choices.")
    return Draft(
        where=where,
        id=text("id"),
        question=text("question"),
        context=text("context"),
        choices=tuple(cell_text(choice, where, "choices") for choice in choices),
        keys=tuple(cell_text(key, where, "keys") for key in keys),
        answers=tuple(dict.fromkeys(answers)),
        typed=all(map(_is_integer, raw)) and not any(map(_is_integer, choices)),
    )


def check_options(draft: Draft) -> None:
    """Raise `TaskError` if a row for answers of type "letter" has too few or too many choices."""
    if not 2 <= len(draft.choices) <= len(ascii_uppercase):
        raise TaskError(
            f'{draft.where}: answers of type "letter" need a list of 2 to 26 choices in each row.'
        )


def no_column(field: str, column: str, where: str, row: Mapping[str, Any]) -> TaskError:
    """Return the error for a column that a row does not have."""
    heading = " The first line of a CSV file must name its columns." if _from_csv(where) else ""
    return TaskError(
        f"{where}: there is no column {column!r} for the {field}; there are {', '.join(map(str, row))}. "
        f"Name it in data.columns: {{ {field} = ... }}.{heading}"
    )


def _cell(columns: _Columns, row: Mapping[str, Any], where: str, field: str) -> tuple[Any, str]:
    """Return the cell of a field and the name of its column."""
    column = columns.get(field, field)
    assert isinstance(column, str)
    cell = find_cell(row, column) if field in columns else row.get(column, MISSING)
    if cell is MISSING and (field in columns or field in _REQUIRED):
        raise no_column(field, column, where, row)
    return (None if cell is MISSING else cell), column


def _choices(columns: _Columns, row: Mapping[str, Any], where: str, field: str) -> list[Any]:
    several = columns.get(field)
    if isinstance(several, tuple):
        cells = [_cell({"choices": column}, row, where, "choices")[0] for column in several]
        return choices_of(cells, where, field)
    cell, column = _cell(columns, row, where, field)
    return choices_of(cell, where, column)


def _after(mark: str, answer: str, where: str, column: str) -> str:
    _, found, rest = answer.rpartition(mark)
    if not found:
        raise TaskError(f"{where}: there is no {mark!r} (answer.after) in the column {column!r}.")
    return rest.strip()


def _is_integer(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )


def _from_csv(where: str) -> bool:
    return where.rpartition(":")[0].lower().endswith((".csv", ".tsv", ".tab", ".psv"))
