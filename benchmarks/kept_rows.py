"""What the runs of a measurement found, in a JSON file with one line for each, so that it can go on."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]


def read_rows(path: Path, key: Sequence[str]) -> dict[Any, Row]:
    """Return values of the fields `key` -> row; nothing if there is no file yet."""
    rows: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return {tuple(row[name] for name in key): row for row in rows}


def write_rows(path: Path, rows: Iterable[Row], key: Sequence[str]) -> None:
    """Replace the file by these rows, in the order of the fields `key`."""
    ordered = sorted(rows, key=lambda row: [row[name] for name in key])
    lines = ",\n".join(map(json.dumps, ordered))
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
