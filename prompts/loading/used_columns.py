"""Columns that an example keeps: those that the request or a metric of the task names, and no others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..chat_values import content_parts, history_turns, is_content, is_history
from ..errors import TaskError
from ..message_templates import placeholders
from ..metrics.feedback import listed as values_listed
from .cells import MISSING, find_cell
from .json_values import is_missing, json_value
from .metric_columns import compares_with_gold, metric_columns
from .task_settings import TaskSettings

_MOST_NAMED = 12
"""Number of columns that a message lists."""


@dataclass(frozen=True, slots=True)
class Use:
    """A column that a task uses."""

    name: str
    """Name under which the example keeps it, as it is written in the template or the metric."""
    column: str
    """Column of the data, possibly within another one."""
    place: str
    """Where the task names it."""
    shown: bool
    """True if the model sees it."""


@dataclass(frozen=True, slots=True)
class UsedColumns:
    """The columns that a task uses."""

    uses: Sequence[Use]
    everything: bool
    """True if a metric of the user's may look at any column."""
    missing_is_empty: bool
    _found: set[str] = field(default_factory=set)
    """Columns that a row has had."""

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the columns that the model sees."""
        return tuple(use.name for use in self.uses if use.shown)

    def of(self, where: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the used columns of a row by name.

        Raises `TaskError` naming the row, the column and the place that names it if the row lacks one.
        """
        found = {}
        if self.everything:
            found = {
                name: json_value(None if is_missing(cell) else cell, where, name)
                for name, cell in row.items()
            }
        for use in self.uses:
            cell = find_cell(row, use.column)
            if cell is MISSING or is_missing(cell):
                found[use.name] = self._nothing(use, cell, where, row)
            else:
                self._found.add(use.name)
                found[use.name] = json_value(cell, where, use.column)
                if use.shown and isinstance(cell, list | tuple):
                    _check_chat(found[use.name], where, use.column)
        return found

    def check_found(self, name: str, columns: Sequence[str]) -> None:
        """Raise `TaskError` if no row of the task `name` had one of the columns."""
        for use in self.uses:
            if use.name not in self._found:
                raise TaskError(
                    f"task {name}: there is nothing in the column {use.column!r}, which {use.place} names, "
                    f"in any row; there are {listed(columns)}. Correct the name."
                )

    def _nothing(self, use: Use, cell: Any, where: str, row: Mapping[str, Any]) -> str | None:
        if self.missing_is_empty:
            return ""
        if not use.shown:
            return None  # Only some rows may have what a metric looks at; it is told which have not.
        if cell is MISSING and use.name in self._found:
            raise TaskError(
                f"{where}: this row lacks the column {use.column!r}, which {use.place} names and other rows "
                f'have; it has {listed(row)}. Fill it in, drop the row, or set data.missing = "empty".'
            )
        if cell is MISSING:
            raise TaskError(
                f"{where}: there is no column {use.column!r}, which {use.place} names; there are "
                f'{listed(row)}. Correct the name, or set data.missing = "empty" if only some rows have it.'
            )
        raise TaskError(
            f"{where}: the column {use.column!r}, which {use.place} names, is null. Fill it in, drop the "
            'row, or set data.missing = "empty".'
        )


def used_columns(settings: TaskSettings) -> UsedColumns:
    """Return the columns that the templates and the metrics of a task use.

    Raises `TaskError` if a template shows the right answer.
    """
    uses: dict[str, Use] = {}
    for place, name in _placeholders(settings):
        if not _is_field(settings, name):
            uses.setdefault(name, Use(name, _column(settings, name), place, shown=True))
    _check_gold_is_hidden(settings, list(uses.values()))
    everything = False
    for metric in settings.all_metrics:
        columns = metric_columns(metric)
        everything = everything or columns is None
        for name in columns or ():
            uses.setdefault(
                name, Use(name, _column(settings, name), f"the metric {metric.name}", shown=False)
            )
    return UsedColumns(tuple(uses.values()), everything, settings.data.missing == "empty")


def listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    """Return the names of columns for a message."""
    return values_listed(map(str, names), _MOST_NAMED)


def _placeholders(settings: TaskSettings) -> Iterator[tuple[str, str]]:
    """Yield the place and the name of each placeholder that stands for a column."""
    if settings.program:
        yield from (("program.inputs", name) for name in settings.program.inputs)
        return
    texts = settings.text_names
    for number, message in enumerate(settings.messages, 1):
        for name in placeholders(message.content):
            if name not in texts:
                yield f"the template of message {number} ({message.role})", name
    own = settings.texts or {texts[0]: settings.initial_prompts}
    for text, alternatives in own.items():
        for name in (name for alternative in alternatives for name in placeholders(alternative)):
            yield f"the text {text!r}", name


def _column(settings: TaskSettings, name: str) -> str:
    """Return the column that a name stands for: that of a mapped field, or the column of this name."""
    mapped = settings.data.columns.get(name, name)
    return mapped if isinstance(mapped, str) else name


def _is_field(settings: TaskSettings, name: str) -> bool:
    """Return whether a placeholder stands for the example's own choices with their letters."""
    return name == "choices" and settings.answer.type == "letter"


def _check_gold_is_hidden(settings: TaskSettings, uses: Sequence[Use]) -> None:
    gold = settings.data.columns.get("answer", "answer" if needs_gold(settings) else None)
    hidden = set(gold.values()) if isinstance(gold, dict) else {gold}
    for use in uses:
        if any(use.column == column or str(column).startswith(f"{use.column}.") for column in hidden):
            raise TaskError(
                f"{use.place} shows {{{{ {use.name} }}}}, the column of the right answer. Take it out, or "
                "map the answer to another column in data.columns."
            )


def needs_gold(settings: TaskSettings) -> bool:
    """Return whether each row needs a right answer."""
    return not settings.all_metrics or any(map(compares_with_gold, settings.all_metrics))


def _check_chat(value: Any, where: str, column: str) -> None:
    """Raise `TaskError` if a chat history, or the parts of a message, cannot be sent as they are."""
    try:
        if is_history(value):
            history_turns(value)
        elif is_content(value):
            content_parts(value)
    except ValueError as error:
        raise TaskError(f"{where}: the column {column!r} cannot be sent: {error}") from error
