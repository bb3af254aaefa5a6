"""The JSON Schema of a task's answers: a table of the settings, or a file."""

from pathlib import Path
from typing import Any

from ..errors import TaskError
from ..reading.json_text import canonical
from .decoding import read_text
from .json_rows import parse_json


def schema_text(name: str, schema: dict[str, Any] | str | None, folder: Path) -> str | None:
    """Return the schema as compact JSON; None if there is none. A path is relative to `folder`.

    Raises `TaskError` naming the task or the file if it is no JSON object.
    """
    if schema is None:
        return None
    where = f"task {name}, answer.schema"
    if isinstance(schema, str):
        where = str(folder / schema)
        schema = _from_file(folder / schema)
    if not isinstance(schema, dict):
        raise TaskError(f'{where}: a JSON Schema is an object, such as {{"type": "object"}}.')
    return canonical(schema)


def _from_file(path: Path) -> Any:
    try:
        return parse_json(read_text(path))
    except ValueError as error:
        raise TaskError(f"{path}: not JSON ({error}).") from error
