"""Read a configuration of promptfoo, and the files that it names."""

import csv
import json
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ...prompts.loading.json_rows import parse_json
from ..errors import ConfigError

_LARGEST = 5_000_000  # bytes
_MOST_VALUES = 200_000
"""Number of values of a file. Few lines of YAML can stand for more than any memory holds."""
_DEEPEST = 40
FILE = "file://"


class Files:
    """The files below the folder of a configuration. Others are not read, whatever the configuration says."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def text(self, name: str) -> str:
        """Return the text of a file. Raise `ConfigError` if it cannot be read, or lies outside the folder."""
        path = (self._folder / name.removeprefix(FILE)).resolve()
        if not path.is_relative_to(self._folder):
            raise ConfigError(f"{name} lies outside {self._folder} and is not read. Copy it there.")
        return read_file(path)

    def exists(self, name: str) -> bool:
        """Return whether there is such a file in the folder."""
        try:
            path = (self._folder / name.removeprefix(FILE)).resolve()
            return path.is_relative_to(self._folder) and path.is_file()
        except (OSError, ValueError):
            return False

    def rows(self, name: str) -> list[Any]:
        """Return the rows of a CSV, JSON, JSON Lines or YAML file. Raise `ConfigError` if it has none."""
        text, suffix = self.text(name), Path(name).suffix.lower()
        if suffix == ".csv":
            return list(csv.DictReader(StringIO(text)))
        if suffix == ".jsonl":
            return [_json(name, line) for line in text.splitlines() if line.strip()]
        found = _json(name, text) if suffix == ".json" else read_yaml(name, text)
        if not isinstance(found, list):
            raise ConfigError(f"{name}: it holds no list.")
        return found


def read_file(path: Path) -> str:
    """Return the text of a file. Raise `ConfigError` if it is missing, too large or no text."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ConfigError(f"{path} is larger than {_LARGEST // 1_000_000} MB.")
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error


def read_yaml(name: str, text: str) -> Any:
    """Return the value of YAML text, as JSON values. Raise `ConfigError` naming the line if it is none."""
    import yaml  # Imported here, because nothing else needs it.

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{name}{line}: not YAML ({getattr(error, 'problem', None) or error}).") from error
    except (RecursionError, ValueError) as error:
        raise ConfigError(f"{name}: not usable as YAML ({error}).") from error
    return _plain(found, name, [_MOST_VALUES], _DEEPEST)


def _json(name: str, text: str) -> Any:
    try:
        return parse_json(text)
    except ValueError as error:
        raise ConfigError(f"{name}: not JSON ({error}).") from error


def _plain(value: Any, name: str, left: list[int], depth: int) -> Any:
    """Return a copy of `value` that consists of JSON values and is of a bounded size."""
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise ConfigError(f"{name}: its values are too many, or nested too deeply.")
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            return {str(key): _plain(one, name, left, depth - 1) for key, one in value.items()}
        case list() | tuple() | set():
            return [_plain(one, name, left, depth - 1) for one in value]
        case bytes():
            return json.dumps(value.decode("latin-1"))
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)
