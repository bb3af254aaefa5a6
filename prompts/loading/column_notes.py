"""Columns of the data that a task does not use, and names that mean two things."""

from collections.abc import Iterable, Iterator

from ..errors import TaskError
from .rows import Row
from .task_settings import TaskSettings
from .used_columns import UsedColumns, listed


class ColumnNotes:
    """Watches the rows of a task go by, for remarks on their columns."""

    def __init__(self, name: str, settings: TaskSettings, used: UsedColumns) -> None:
        self._name, self._settings, self._used = name, settings, used
        self._columns: dict[str, None] = {}

    def watching(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield `rows`. Raise `TaskError` if a placeholder may stand for a text and for a column."""
        shape: object = None
        for where, row in rows:
            if row.keys() != shape:
                shape = row.keys()
                self._columns |= dict.fromkeys(map(str, row))
                self._check_names(where)
            yield where, row

    def unused(self) -> list[str]:
        """Return the remark on unused columns, if there are any.

        Raises `TaskError` if no row has a column that the task names.
        """
        self._used.check_found(self._name, list(self._columns))
        if self._used.everything:
            return []
        known = self._known()
        unused = [repr(column) for column in self._columns if column not in known]
        if not unused:
            return []
        named = f"column {unused[0]} is" if len(unused) == 1 else f"columns {listed(unused)} are"
        return [f"task {self._name}: the {named} not used."]

    def _check_names(self, where: str) -> None:
        if not self._settings.messages:
            return
        for text in self._settings.text_names:
            if text in self._columns:
                raise TaskError(
                    f"{where}: {{{{ {text} }}}} may stand for the column {text!r} or for the text that is "
                    'optimised. Give the text another name: texts = { prompt = "..." } instead of '
                    "initial_prompts, and {{ prompt }} in the messages."
                )

    def _known(self) -> set[str]:
        """Return the columns that the task uses."""
        settings, data = self._settings, self._settings.data
        paths = {"id", "answer", *(use.column for use in self._used.uses)}
        paths |= {path for path in (data.group, data.weight) if path}
        if not settings.own_request:
            paths |= {"question", "context"} - data.columns.keys()
        if settings.answer.type == "letter":
            paths.add("choices")
        for field, column in data.columns.items():
            if field in ("question", "context") and settings.own_request:
                continue
            paths |= (
                {column}
                if isinstance(column, str)
                else set(column.values() if isinstance(column, dict) else column)
            )
        return {path if path in self._columns else path.split(".")[0] for path in paths}
