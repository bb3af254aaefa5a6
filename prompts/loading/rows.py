"""Read rows of data from JSON Lines, CSV, Parquet or the Hugging Face hub, each with its place."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import TaskError
from .csv_rows import csv_rows
from .data_settings import FileSettings
from .decoding import TextFile
from .json_rows import json_rows

Row = tuple[str, dict[str, Any]]
"""Place of a row, for error messages, and its columns."""

HUB = "hub:"
"""Prefix of a source on the hub."""
_JSON = (".jsonl", ".ndjson", ".json")
_CSV = (".csv", ".tsv", ".tab", ".psv")
_PARQUET = (".parquet",)
_BATCH = 1000
"""Number of rows of a Parquet file that are read at once."""


def read_rows(source: str, folder: Path, file: FileSettings | None = None) -> Iterator[Row]:
    """Read the rows of `source`: a path relative to `folder`, "hub:NAME:SPLIT" or "hub:NAME:CONFIG:SPLIT".

    `file` declares the separator, the quotes and the encoding of text files. Raises `TaskError` naming the
    file, and the line if one is at fault.
    """
    if source.startswith(HUB):
        yield from _hub(source)
        return
    file = file or FileSettings()
    path = folder / source
    suffix = path.suffix.lower()
    if suffix not in (*_JSON, *_CSV, *_PARQUET):
        known = ", ".join((*_JSON, *_CSV, *_PARQUET))
        raise TaskError(f"{path}: unknown format. Use a file that ends in {known}, or hub:NAME:SPLIT.")
    if not path.is_file():
        raise TaskError(f"{path}: there is no such file.")
    if suffix in _PARQUET:
        yield from _parquet(path)
    elif suffix in _JSON:
        yield from json_rows(path, TextFile(path, file.encoding))
    else:
        yield from csv_rows(path, TextFile(path, file.encoding), file.separator, quotes=file.quotes)


def _parquet(path: Path) -> Iterator[Row]:
    if find_spec("pyarrow") is None:
        raise TaskError(f"{path}: reading Parquet needs pyarrow: pip install 'transfer-prompting[parquet]'.")
    import pyarrow
    import pyarrow.parquet

    try:
        number = 0
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(_BATCH):
            for row in batch.to_pylist():
                number += 1
                yield f"{path}, row {number}", row
    except (pyarrow.ArrowException, OSError) as error:
        raise TaskError(f"{path}: not a Parquet file ({error}).") from error


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
