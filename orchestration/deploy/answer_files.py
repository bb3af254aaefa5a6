"""Rows with their answers, as CSV or JSON Lines."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TextIO

import orjson

from ..errors import ConfigError
from .answering import NewAnswer

Form = Literal["csv", "jsonl"]
ADDED = ("output", "answer", "confidence", "error")
"""Columns that are added to those of a row."""
_FORMS: Mapping[str, Form] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_TABLES = (".csv", ".tsv", ".tab", ".psv")


def form_of(output: Path | None, source: Path) -> Form:
    """Return the form of a file by its name, or without a file that of the input.

    Raise `ConfigError` for another form.
    """
    if output is None:
        return "csv" if source.suffix.lower() in _TABLES else "jsonl"
    form = _FORMS.get(output.suffix.lower())
    if form is None:
        raise ConfigError(f"{output}: give the output a name that ends in {', '.join(_FORMS)}.")
    return form


class RowWriter:
    """Writes rows with their answers.

    A column of a row is kept if an added one has the same name; the added one is then called "model_answer"
    and so on.
    """

    def __init__(self, file: TextIO, form: Form, rows: Iterable[Mapping[str, Any]]) -> None:
        self._file = file
        self._columns = list(dict.fromkeys(column for row in rows for column in row))
        self._table = csv.writer(file, lineterminator="\n") if form == "csv" else None
        if self._table:
            self._table.writerow([*self._columns, *_added_names(self._columns)])

    def write(self, row: Mapping[str, Any], answer: NewAnswer) -> None:
        """Write one row."""
        if self._table:
            cells = [row.get(column) for column in self._columns]
            self._table.writerow(map(_cell, [*cells, *_values(answer)]))
        else:
            self._file.write(f"{json_line(with_answer(row, answer, self._columns))}\n")


def with_answer(
    row: Mapping[str, Any], answer: NewAnswer, columns: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return a row with its answer; `columns` are those of all rows."""
    names = _added_names(list(row) if columns is None else columns)
    return {**row, **dict(zip(names, _values(answer), strict=True))}


def json_line(value: Any) -> str:
    """Return a value as JSON on one line. What JSON has no value for becomes text, or null."""
    try:
        return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except orjson.JSONEncodeError:
        # Halves of surrogate pairs, and integers of many digits.
        return json.dumps(value, default=str)


def _values(answer: NewAnswer) -> list[Any]:
    return [answer.output, answer.answer, answer.confidence, answer.error]


def _added_names(columns: Sequence[str]) -> list[str]:
    found = []
    for name in ADDED:
        while name in columns:
            name = f"model_{name}"
        found.append(name)
    return found


def _cell(value: Any) -> Any:
    """Return a cell of CSV. Lists and objects become JSON, as the loader of tasks reads them."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json_line(value) if isinstance(value, list | tuple | dict) else value
