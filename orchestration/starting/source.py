"""The rows of a file for which a configuration is written, and how the configuration names them."""

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ...prompts.errors import TaskError
from ...prompts.loading.data_settings import FileSettings
from ...prompts.loading.decoding import read_text
from ...prompts.loading.rows import read_rows
from .rearranged import rearranged, rows_within

_WINDOWS = "cp1252"
_TEXT = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".tab", ".psv")


@dataclass(frozen=True, slots=True)
class Source:
    """Rows, and the settings of the task's data by which a run finds them again."""

    rows: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    """What was guessed of the file, and what to check."""
    beside: tuple[tuple[str, str], ...] = ()
    """Name and text of a file with the rows, if those of the user's file are no table."""


def read_source(file: Path, place: Path, most: int) -> Source:
    """Read at most so many rows of a file for a configuration at `place`.

    Raises `TaskError` if it cannot be read.
    """
    encoding = _encoding(file)
    remarks = [f"{file.name} is no UTF-8, and is read as Windows-1252: check letters with accents."]
    remarks = remarks if encoding else []

    def read(most: int | None) -> list[dict[str, Any]]:
        rows = read_rows(file.name, file.parent, FileSettings(encoding=encoding))
        return [row for _, row in islice(rows, most)]

    found = rows_within(file, encoding)
    if found is None:
        rows = read(most)
        if rearranged(rows, file) is None:
            settings = {"all": os.path.relpath(file, place.parent).replace(os.sep, "/")}
            return Source(rows, settings | ({"encoding": encoding} if encoding else {}), tuple(remarks))
        found = rearranged(read(None), file)
        assert found is not None
    table, remark = found
    name = f"{place.stem}.rows.jsonl"
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table)
    return Source(
        table[:most], {"all": name}, (*remarks, f"{remark} The rows were written to {name}."), ((name, text),)
    )


def _encoding(file: Path) -> str | None:
    """Return the encoding that the configuration has to name; None if there is no need, or if none fits."""
    if file.suffix.lower() not in _TEXT or not file.is_file():
        return None
    try:
        file.read_bytes().decode(errors="surrogatepass")
        return None
    except UnicodeDecodeError:
        pass
    for encoding in (None, _WINDOWS):
        with suppress(TaskError):
            read_text(file, encoding)
            return encoding
    return None
