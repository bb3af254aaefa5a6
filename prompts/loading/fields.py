"""Fields of a row, such as its question and its choices, found in the columns that hold them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from ..errors import TaskError
from .cells import MISSING, cell_text, choices_of, find_cell
from .data_settings import Columns


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of rows. A field that `columns` does not map is the column of its own name."""

    columns: Columns

    def text(self, row: Mapping[str, Any], where: str, name: str) -> str:
        """Return the text of a field; "" if it is empty, or if no column holds one that is not needed.

        Raises `TaskError` naming the row and the column if it is no text, or if there is no question.
        """
        cell, column = self.cell(row, where, name, required=name == "question")
        return cell_text(cell, where, column)

    def choices(self, row: Mapping[str, Any], where: str, name: str) -> Sequence[Any]:
        """Return the items of a field: of a list, or of several columns. Raises as `text` does."""
        several = self.columns.get(name)
        if isinstance(several, tuple):
            cells = [mapped_cell(row, where, column, name) for column in several]
            return choices_of(cells, where, name)
        cell, column = self.cell(row, where, name, required=False)
        return choices_of(cell, where, column)

    def cell(self, row: Mapping[str, Any], where: str, name: str, *, required: bool) -> tuple[Any, str]:
        """Return the cell of a field, None if there is none, and the name of its column.

        Raises `TaskError` if there is none although it is mapped or `required`.
        """
        column = self.columns.get(name)
        if column is None:
            cell = row.get(name, MISSING)
            if cell is MISSING and required:
                raise _no_column(name, name, where, row)
            return (None if cell is MISSING else cell), name
        assert isinstance(column, str)
        return mapped_cell(row, where, column, name), column


def mapped_cell(row: Mapping[str, Any], where: str, column: str, name: str) -> Any:
    """Return the cell in the column of the field `name`. Raises `TaskError` if there is none."""
    cell = find_cell(row, column)
    if cell is MISSING:
        raise _no_column(name, column, where, row)
    return cell


def check_choices(choices: Sequence[Any], where: str) -> None:
    """Raise `TaskError` if a row for answers of type "letter" has too few or too many choices."""
    if not 2 <= len(choices) <= len(ascii_uppercase):
        raise TaskError(f'{where}: answers of type "letter" need a list of 2 to 26 choices in each row.')


def from_csv(where: str) -> bool:
    """Return whether a row stands in a file whose cells are all text."""
    return where.rpartition(":")[0].lower().endswith((".csv", ".tsv", ".tab", ".psv"))


def _no_column(name: str, column: str, where: str, row: Mapping[str, Any]) -> TaskError:
    heading = " The first line of a CSV file must name its columns." if from_csv(where) else ""
    return TaskError(
        f"{where}: there is no column {column!r} for the {name}; there are {', '.join(map(str, row))}. "
        f"Name it in data.columns: {{ {name} = ... }}.{heading}"
    )
