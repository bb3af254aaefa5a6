"""Examples from rows: map the columns, read the cells, and check each answer."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from ..errors import TaskError
from ..reading.answers import check_example
from ..task import Example, Split, Task
from .rows import Row
from .splits import Splits
from .task_settings import TaskSettings

_MAX_LABELS = 50
"""Data with more different answers than this hold open answers rather than labels."""


def examples_of(task: Task, columns: Mapping[str, str], split: Split, rows: Sequence[Row]) -> list[Example]:
    """Return the checked examples of one split. A row without an id is named after its split and number.

    `columns` maps a field to the column that holds it. Raises `TaskError` naming the place of a faulty row.
    """
    examples = []
    for number, (where, row) in enumerate(rows, 1):
        example = _example(task, columns, row, where, default_id=f"{split}-{number}")
        check_example(task, example, where)
        examples.append(example)
    return examples


def labels_of(name: str, settings: TaskSettings, splits: Splits) -> tuple[str, ...]:
    """Return the labels of a task: those of its settings, or the answers in its data in alphabetical order.

    Raises `TaskError` if the data have fewer than two different answers, or too many to be labels.
    """
    if settings.answer.type != "label" or settings.answer.labels:
        return settings.answer.labels
    column = settings.data.columns.get("answer", "answer")
    rows = [placed for split in splits.values() for placed in split]
    if rows and not any(column in row for _, row in rows):
        raise _no_column("answer", column, *rows[0])
    found = sorted({_text(row.get(column)) for _, row in rows} - {""})
    if not 2 <= len(found) <= _MAX_LABELS:
        raise TaskError(
            f"task {name}: its data hold {len(found)} different answers, which are no labels. Give "
            f'answer.labels, or another answer.type ("number", "text", "letter").'
        )
    return tuple(found)


def _example(
    task: Task, columns: Mapping[str, str], row: Mapping[str, Any], where: str, default_id: str
) -> Example:
    def cell(field: str) -> Any:
        column = columns.get(field, field)
        if column not in row and (field in columns or field in {"question", "answer"}):
            raise _no_column(field, column, where, row)
        return row.get(column)

    choices = _parsed_list(cell("choices")) if task.answer.type == "letter" else None
    if choices is not None and not isinstance(choices, list | tuple):
        raise TaskError(f"{where}: choices must be a list (in CSV a JSON list), not {choices!r}.")
    return Example(
        id=_text(cell("id")) or default_id,
        question=_text(cell("question")),
        answer=_text(cell("answer")),
        context=_text(cell("context")) or None,
        choices=tuple(map(str, choices)) if choices else None,
    )


def _no_column(field: str, column: str, where: str, row: Mapping[str, Any]) -> TaskError:
    return TaskError(
        f"{where}: there is no column {column!r} for the {field}; there are {', '.join(map(str, row))}. "
        f"Name it in data.columns: {{ {field} = ... }}."
    )


def _parsed_list(cell: Any) -> Any:
    """Return the list that a CSV cell holds as JSON; any other cell as it is."""
    with suppress(TypeError, ValueError):
        return json.loads(cell)
    return cell


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
