"""The rows for which a configuration is written, and how the configuration names them."""

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
from .columns import columns_of
from .rearranged import Rows, rearranged, rows_within
from .splits import by_split, files_by_split, split_column

_WINDOWS = "cp1252"
_TEXT = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".tab", ".psv")
_PARQUET = ".parquet"


@dataclass(frozen=True, slots=True)
class Source:
    """Rows, and the settings of the task's data by which a run finds them again."""

    rows: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    remarks: tuple[str, ...] = ()
    """What was guessed of the files, and what to check."""
    beside: tuple[tuple[str, str], ...] = ()
    """Names and texts of files with the rows, if those of the user are no tables that can be read as such."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one file, or of one split of it."""

    rows: Rows
    file: Path
    encoding: str | None = None
    remark: str = ""
    """How the rows were found, if the file is no table; then they are all rows of the file."""


def read_source(path: Path, place: Path, most: int) -> Source:
    """Read at most so many rows of each file for a configuration at `place`.

    `path` is a file, or a folder with one for each split. Raises `TaskError` or `ConfigError` if it cannot be
    read.
    """
    files = files_by_split(path, (*_TEXT, _PARQUET)) if path.is_dir() else {"all": path}
    parts = {split: _read(file, most) for split, file in files.items()}
    divided = _divided(parts["all"]) if "all" in parts else None
    parts = divided or parts
    rows = [row for part in parts.values() for row in part.rows[:most]]
    encodings = {part.encoding for part in parts.values()}
    windows = dict.fromkeys(part.file.name for part in parts.values() if part.encoding)
    told = [
        f"{name} is no UTF-8, and is read as Windows-1252: check letters with accents." for name in windows
    ]
    if "all" not in files:
        told.append("The names of the files tell the splits.")
    if len(encodings) > 1 or any(part.remark for part in parts.values()):
        return _written(parts, rows, told, place)
    [encoding] = encodings
    named = {split: _relative(part.file, place) for split, part in parts.items()}
    return Source(rows, named | ({"encoding": encoding} if encoding else {}), tuple(told))


def _written(parts: Mapping[str, _Part], rows: Rows, told: Sequence[str], place: Path) -> Source:
    """Return the rows with files of them beside the configuration, which has only one encoding for all."""
    whole = {split: part if part.remark else _read(part.file, None) for split, part in parts.items()}
    names = {split: f"{place.stem}.{'rows' if split == 'all' else split}.jsonl" for split in parts}
    remarks = [*dict.fromkeys(part.remark for part in parts.values() if part.remark)]
    remarks.append(f"The rows were written to {', '.join(names.values())}.")
    beside = tuple((names[split], _lines(part.rows)) for split, part in whole.items())
    return Source(rows, names, (*told, " ".join(remarks)), beside)


def _read(file: Path, most: int | None) -> _Part:
    """Read at most so many rows of a file; all if it is no table."""
    encoding = _encoding(file)

    def read(most: int | None) -> Rows:
        rows = read_rows(file.name, file.parent, FileSettings(encoding=encoding))
        return [row for _, row in islice(rows, most)]

    found = rows_within(file, encoding)
    rows = [] if found else read(most)
    if found is None and most is not None and rearranged(rows, file) is not None:
        found = rearranged(read(None), file)
    return _Part(rows, file, encoding) if found is None else _Part(found[0], file, encoding, found[1])


def _divided(part: _Part) -> dict[str, _Part] | None:
    """Return the splits of a file that has a column for them, with all its rows; None if it has none."""
    column = split_column(columns_of(part.rows))
    if column is None:
        return None
    whole = part if part.remark else _read(part.file, None)
    if split_column(columns_of(whole.rows)) is None:
        return None
    found = by_split(whole.rows, column.name)
    told = "names no test split, and is left out" if "all" in found else "divides the rows"
    remark = f"{part.remark} The column {column.name!r} {told}.".strip()
    return {split: _Part(rows, part.file, part.encoding, remark) for split, rows in found.items()}


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


def _relative(file: Path, place: Path) -> str:
    return os.path.relpath(file, place.parent).replace(os.sep, "/")


def _lines(rows: Rows) -> str:
    """Return rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False, default=_plain) + "\n" for row in rows)


def _plain(cell: Any) -> str:
    """Return a date of a Parquet file as text."""
    return str(cell.isoformat()) if hasattr(cell, "isoformat") else str(cell)
