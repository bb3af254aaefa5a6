"""Rows from CSV: separated by commas, semicolons, tabs or pipes, with a heading that names the columns."""

import csv
import sys
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path

from ..errors import TaskError
from .decoding import TextFile

SEPARATORS = ",;\t|"
_BY_SUFFIX = {".tsv": "\t", ".tab": "\t", ".psv": "|"}
_SAMPLE = 50
"""Number of records by which a separator is recognised."""
_MANY_LINES = 8
"""A quoted field with this many lines that all look like rows has swallowed them, whatever they hold."""


@dataclass(frozen=True, slots=True)
class _Record:
    line: int
    """Line of the file on which the record begins."""
    cells: Sequence[str]


def csv_rows(
    path: Path, file: TextFile, separator: str | None, *, quotes: bool = True
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield the place and the columns of each row. A place names the line on which the row begins.

    Without `separator`, the heading and the first rows decide. Without `quotes`, a quote is an ordinary
    character. Raises `TaskError` naming the line if the heading or a row is faulty.
    """
    first = 1
    head = next(file.lines(), "")
    if head[:4].casefold() == "sep=" and head[5:].strip("\r\n") == "" and len(head) > 5:
        separator, first = head[4], 2  # Written by spreadsheets.
    with _long_fields():
        separator = separator or _separator(path, file, quotes)
        records = deque(
            _Record(line, cells)
            for line, cells in _records(path, file, separator, quotes, first)
            if any(cell.strip() for cell in cells)
        )
    if not records:
        return
    heading = _heading(path, records.popleft())
    rows = deque(_fitted(path, record, len(heading)) for record in records)
    del records
    if quotes:
        _check_swallowed(path, rows, separator)
    while rows:  # Rows that have been used take no memory.
        row = rows.popleft()
        yield (
            f"{path}:{row.line}",
            {name: cell for name, cell in zip(heading, row.cells, strict=True) if name},
        )


def _records(
    path: Path, file: TextFile, separator: str, quotes: bool, first: int = 1, *, strict: bool = True
) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of each record from the line `first` on."""
    reader = csv.reader(
        islice(file.lines(), first - 1, None),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quotes else csv.QUOTE_NONE,
        skipinitialspace=separator != "\t",
        strict=strict,
    )
    line = first
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise TaskError(
                f"{path}:{line}: not CSV ({error}). A quote in the row that begins here is not "
                "closed or stands alone. Write a quote within a field twice; set data.quotes = false if "
                "quotes are ordinary characters in this file."
            ) from error
        if cells is None:
            return
        yield line, cells
        line = reader.line_num + first


def _separator(path: Path, file: TextFile, quotes: bool) -> str:
    """Return the separator of the file: the one that cuts the heading and the first rows alike."""
    samples = {}
    for separator in SEPARATORS:
        records = _records(path, file, separator, quotes, strict=False)
        sample = list(islice((cells for _, cells in records if any(cells)), _SAMPLE))
        if sample and len(sample[0]) > 1:
            samples[separator] = sample
    by_suffix = _BY_SUFFIX.get(path.suffix.lower())
    if by_suffix in samples:
        return by_suffix
    if len(samples) > 1:
        even = {s for s, sample in samples.items() if len({len(cells) for cells in sample}) == 1}
        if len(even) != 1:
            named = " or ".join(map(repr, samples))
            raise TaskError(f"{path}:1: the fields may be separated by {named}. Say which: data.separator.")
        return even.pop()
    return next(iter(samples), ",")


def _heading(path: Path, record: _Record) -> list[str]:
    names = [name.strip() for name in record.cells]
    for name in names:
        if name and names.count(name) > 1:
            raise TaskError(
                f"{path}:{record.line}: two columns are called {name!r} (columns {names.index(name) + 1} and "
                f"{len(names) - names[::-1].index(name)}). Rename one of them."
            )
    return names


def _fitted(path: Path, record: _Record, width: int) -> _Record:
    """Return the record with `width` cells. Empty cells at its end may be missing from the heading."""
    cells = list(record.cells)
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) != width:
        raise TaskError(
            f"{path}:{record.line}: the number of fields differs from the heading's: {len(cells)} instead of "
            f"{width}. Put quotes around commas within a field, or correct data.separator."
        )
    return _Record(record.line, cells)


def _check_swallowed(path: Path, rows: Collection[_Record], separator: str) -> None:
    """Raise `TaskError` if the lines of a quoted field look like rows: two stray quotes enclose them."""
    suspected = [
        (row, cell, pieces)
        for row in rows
        for column, cell in enumerate(row.cells)
        if ("\n" in cell or "\r" in cell) and (pieces := _pieces(cell, column, len(row.cells), separator))
    ]
    if not suspected:
        return
    known = {(n, cell.strip()) for row in rows for n, cell in enumerate(row.cells) if "\n" not in cell}
    for row, cell, pieces in suspected:
        # Text with line breaks and separators may be cut like this by chance, but not into known cells.
        lines = len(cell.splitlines())
        if lines >= _MANY_LINES + 2 or any(piece in known for piece in pieces):
            raise TaskError(
                f"{path}:{row.line}: a quoted field of the row that begins here holds {lines} lines that "
                "look like rows. Remove the stray quote; set data.quotes = false if quotes are ordinary "
                "characters in this file."
            )


def _pieces(cell: str, column: int, width: int, separator: str) -> list[tuple[int, str]]:
    """Return the cells, each with its column, that a field would hold if its lines were rows; [] if not."""
    if width < 2 or separator not in cell:
        return []
    lines = [line.split(separator) for line in StringIO(cell, newline=None).read().split("\n")]
    first, *inner, last = lines
    whole = column + len(first) == width and len(last) == column + 1
    if not whole or any(len(line) != width for line in inner):
        return []
    pieces = [(column + n, piece) for n, piece in enumerate(first) if n]
    pieces += [(n, piece) for line in inner for n, piece in enumerate(line)]
    pieces += [(n, piece) for n, piece in enumerate(last[:-1])]
    return [(n, piece.strip()) for n, piece in pieces if piece.strip()]


@contextmanager
def _long_fields() -> Iterator[None]:
    """Allow fields above 128 KiB, the limit of the `csv` module."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
