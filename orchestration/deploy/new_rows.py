"""New rows for a winner: read from a file, and mapped to the columns that its request shows."""

from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from ...prompts.errors import TaskError
from ...prompts.loading.cells import MISSING, cell_text, find_cell
from ...prompts.loading.fields import Fields, check_choices
from ...prompts.loading.rows import Row, read_rows
from ...prompts.loading.task_settings import TaskSettings
from ...prompts.loading.used_columns import Use, UsedColumns, listed
from ...prompts.task import Example
from ..errors import ConfigError
from .template import has_contexts, own_request
from .winner import Winner

_PLACE = "the request"


def read_new_rows(path: Path, settings: TaskSettings | None, limit: int | None) -> list[Row]:
    """Return the rows of a file, each with its place, at most `limit`.

    The form of the file is recognised, or declared as that of the task's own data. Raises `TaskError` if the
    file cannot be read, `ConfigError` if it has no rows.
    """
    rows = list(islice(read_rows(str(path.absolute()), Path(), settings.data if settings else None), limit))
    if not rows:
        raise ConfigError(f"{path} holds no rows. Give a file with one row for each request.")
    return rows


class RowReader:
    """Makes examples without a right answer of new rows, as the loader of tasks makes those of a run."""

    def __init__(self, winner: Winner, settings: TaskSettings | None) -> None:
        """Use the columns of the task's settings; without settings each field is the column of its name."""
        task = winner.task
        self._fields = Fields(settings.data.columns if settings else {})
        self._lettered = task.answer.type == "letter"
        self._asks = task.program is None and not own_request(task)
        self._has_contexts = has_contexts(task)
        self._known = settings is not None
        names = [name for name in winner.columns if not (self._lettered and name == "choices")]
        uses = [] if self._asks else [Use(name, self._column(name), _PLACE, shown=True) for name in names]
        empty = settings is not None and settings.data.missing == "empty"
        self._shown = UsedColumns(uses, everything=False, missing_is_empty=empty)

    def example(self, row: Row, number: int) -> Example:
        """Return the example that the row with this number is.

        Raises `TaskError` naming the place and the column of a cell that is missing or of no use.
        """
        where, cells = row
        self._check_columns(where, cells)
        choices = self._choices(where, cells) if self._lettered else ()
        question = self._fields.text(cells, where, "question") if self._asks else ""
        if self._asks and not question:
            raise TaskError(f"{where}: the question is empty.")
        # A context that no row of the run had would change the words of the request.
        context = self._fields.text(cells, where, "context") if self._asks and self._has_contexts else ""
        return Example(
            id=str(number),
            question=question,
            answer="",
            context=context or None,
            choices=choices or None,
            columns=self._shown.of(where, cells),
        )

    def _choices(self, where: str, cells: Mapping[str, Any]) -> tuple[str, ...]:
        choices = self._fields.choices(cells, where, "choices")
        check_choices(choices, where)
        return tuple(cell_text(choice, where, "choices") for choice in choices)

    def _check_columns(self, where: str, cells: Mapping[str, Any]) -> None:
        """Raise `TaskError` if there is no column that the request needs."""
        needed = [self._column("question")] if self._asks else []
        if not self._shown.missing_is_empty:
            needed += [use.column for use in self._shown.uses]
        for column in needed:
            if find_cell(cells, column) is MISSING:
                mend = "" if self._known else " If the task names its columns otherwise, give its --config."
                raise TaskError(
                    f"{where}: there is no column {column!r}, which the request shows; there are "
                    f"{listed(cells)}.{mend}"
                )

    def _column(self, name: str) -> str:
        column = self._fields.columns.get(name, name)
        return column if isinstance(column, str) else name
