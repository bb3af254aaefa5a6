"""Read rows of data from JSON Lines, CSV, Parquet or the Hugging Face hub, each with its place."""

import csv
import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import TaskError

Row = tuple[str, dict[str, Any]]
"""Place of a row, for error messages, and its columns."""

HUB = "hub:"
"""Prefix of a source on the hub."""


def read_rows(source: str, folder: Path) -> Iterator[Row]:
    """Read the rows of `source`: a path relative to `folder`, "hub:NAME:SPLIT" or "hub:NAME:CONFIG:SPLIT".

    Raises `TaskError` naming the file, and the line if one is at fault.
    """
    if source.startswith(HUB):
        yield from _hub(source)
        return
    path = folder / source
    readers = {".jsonl": _json_lines, ".csv": _csv, ".parquet": _parquet}
    if path.suffix not in readers:
        raise TaskError(
            f"{path}: unknown format. Use a file that ends in {', '.join(readers)}, or hub:NAME:SPLIT."
        )
    if not path.is_file():
        raise TaskError(f"{path}: there is no such file.")
    try:
        yield from readers[path.suffix](path)
    except UnicodeDecodeError as error:
        raise TaskError(f"{path}: not UTF-8 text ({error}). Convert it first.") from error
    except csv.Error as error:
        raise TaskError(f"{path}: not CSV ({error}). Check its quotes.") from error


def _json_lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                row = json.loads(line)
            except ValueError as error:
                raise TaskError(f"{where}: not JSON ({error}).") from error
            if not isinstance(row, dict):
                raise TaskError(f"{where}: each line must be an object such as {{...}}.")
            yield where, row


def _csv(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            where = f"{path}:{reader.line_num}"
            if None in row or None in row.values():
                raise TaskError(
                    f"{where}: the number of fields differs from the heading's. Put quotes around commas."
                )
            yield where, row


def _parquet(path: Path) -> Iterator[Row]:
    if find_spec("pyarrow") is None:
        raise TaskError(f"{path}: reading Parquet needs pyarrow: pip install 'transfer-prompting[parquet]'.")
    import pyarrow
    import pyarrow.parquet

    try:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise TaskError(f"{path}: not a Parquet file ({error}).") from error
    yield from ((f"{path}, row {number}", row) for number, row in enumerate(rows, 1))


def _hub(source: str) -> Iterator[Row]:
    parts = source.removeprefix(HUB).split(":")
    if len(parts) not in (2, 3) or not all(parts):
        raise TaskError(
            f"{source}: not a data set on the hub. Write hub:NAME:SPLIT or hub:NAME:CONFIG:SPLIT."
        )
    name, *config, split = parts
    if find_spec("datasets") is None:
        raise TaskError(
            f"{source}: reading from the hub needs datasets: pip install 'transfer-prompting[hub]'."
        )
    import datasets

    try:
        rows = datasets.load_dataset(name, *config, split=split)
    except (OSError, ValueError, datasets.exceptions.DatasetsError) as error:
        raise TaskError(f"{source}: the data set could not be loaded ({error}).") from error
    yield from ((f"{source}, row {number}", dict(row)) for number, row in enumerate(rows, 1))
