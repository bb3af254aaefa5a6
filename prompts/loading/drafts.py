"""Drafts: rows whose columns have been mapped to fields, before the right answers have been understood."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..errors import TaskError
from .cells import MISSING, cell_text, find_cell, right_answers_of
from .fields import Fields, mapped_cell
from .json_values import json_value
from .rows import Row
from .task_settings import TaskSettings
from .used_columns import UsedColumns, listed, needs_gold

_T = TypeVar("_T")
_WHOLE_CELLS = ("list", "json")
"""Types of answers for which a list in a cell is one answer."""


@dataclass(slots=True)
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
    """Right answers, as text; () if the answer is a list or a JSON value, or if there is none."""
    gold: Any
    """The cell of the right answer if it is a list or a JSON value; otherwise MISSING."""
    typed: bool
    """True if the right answers are integers while the choices are texts: then they cannot be the choices."""
    columns: dict[str, Any] = field(default_factory=dict)
    group: str = ""
    weight: float = 1.0


def drafts_of(settings: TaskSettings, used: UsedColumns, rows: Iterable[Row]) -> list[Draft]:
    """Return the drafts of rows. Raises `TaskError` naming the row and the column of an unusable cell."""
    draft = _Drafter(settings, used)
    return [draft(where, row) for where, row in rows]


class _Drafter:
    """Turns one row after the other into a draft."""

    def __init__(self, settings: TaskSettings, used: UsedColumns) -> None:
        self._settings, self._used = settings, used
        self._columns = settings.data.columns
        self._fields = Fields(settings.data.columns)
        self._type = settings.answer.type
        self._asks = not settings.own_request
        self._needs_gold = needs_gold(settings)
        self._has_columns = bool(used.uses or used.everything)

    def __call__(self, where: str, row: Mapping[str, Any]) -> Draft:
        choices = self._fields.choices(row, where, "choices") if self._type == "letter" else ()
        keys = self._fields.choices(row, where, "keys") if "keys" in self._columns else ()
        if keys and len(keys) != len(choices):
            raise TaskError(f"{where}: there are {len(keys)} keys for {len(choices)} choices.")
        answers, gold, typed = self._answers(row, where, choices)
        data = self._settings.data
        return Draft(
            where=where,
            id=self._fields.text(row, where, "id"),
            question=self._fields.text(row, where, "question") if self._asks else "",
            context=self._fields.text(row, where, "context") if self._asks else "",
            choices=tuple(cell_text(choice, where, "choices") for choice in choices),
            keys=tuple(cell_text(key, where, "keys") for key in keys),
            answers=answers,
            gold=gold,
            typed=typed,
            columns=self._used.of(where, row) if self._has_columns else {},
            group=_own_column(row, where, data.group, "data.group", cell_text) if data.group else "",
            weight=_own_column(row, where, data.weight, "data.weight", _weight) if data.weight else 1.0,
        )

    def _answers(
        self, row: Mapping[str, Any], where: str, choices: Sequence[Any]
    ) -> tuple[tuple[str, ...], Any, bool]:
        """Return the right answers as texts, or the cell of a list or JSON value; and whether it is typed."""
        several = self._columns.get("answer")
        if isinstance(several, dict):
            return (), _object(several, row, where), False
        cell, column = self._fields.cell(row, where, "answer", required=self._needs_gold)
        if cell is None and not self._needs_gold:
            return (), MISSING, False
        if self._type in _WHOLE_CELLS:
            return (), self._whole(cell, where, column), False
        raw = right_answers_of(cell, where, column)
        if self._settings.data.split and isinstance(cell, str):
            raw = [part for part in cell.split(self._settings.data.split) if part.strip()] or raw
        answers = [cell_text(item, where, column) for item in raw]
        if self._settings.answer.after is not None:
            answers = [_after(self._settings.answer.after, answer, where, column) for answer in answers]
        typed = all(map(_is_integer, raw)) and not any(map(_is_integer, choices))
        return tuple(dict.fromkeys(answers)), MISSING, typed

    def _whole(self, cell: Any, where: str, column: str) -> Any:
        if cell is None:
            raise TaskError(f"{where}: the column {column!r} (answer) is null. Fill it in or drop the row.")
        after = self._settings.answer.after
        if after is not None:
            return _after(after, cell_text(cell, where, column), where, column)
        return json_value(cell, where, column)


def _object(columns: Mapping[str, str], row: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return the right answer that consists of several columns."""
    return {
        key: json_value(mapped_cell(row, where, column, "answer"), where, column)
        for key, column in columns.items()
    }


def _own_column(
    row: Mapping[str, Any], where: str, column: str, key: str, read: Callable[[Any, str, str], _T]
) -> _T:
    cell = find_cell(row, column)
    if cell is MISSING:
        raise TaskError(
            f"{where}: there is no column {column!r}, which {key} names; there are {listed(row)}."
        )
    return read(cell, where, column)


def _weight(cell: Any, where: str, column: str) -> float:
    try:
        weight = float(cell)
    except (TypeError, ValueError, OverflowError):
        weight = math.nan
    if not 0 < weight < math.inf:
        raise TaskError(
            f"{where}: the column {column!r} (data.weight) holds {cell!r}, which is no positive number. Drop "
            "the row if it should not count."
        )
    return weight


def _after(mark: str, answer: str, where: str, column: str) -> str:
    _, found, rest = answer.rpartition(mark)
    if not found:
        raise TaskError(f"{where}: there is no {mark!r} (answer.after) in the column {column!r}.")
    return rest.strip()


def _is_integer(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and value.is_integer()
    )
