"""Writing JSON documents, tables and files."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from ..console.visible import harmless, visible
from ..errors import ConfigError
from ..schemas.registry import schema_name

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from pydantic import BaseModel

    Content = Mapping[str, Any] | DataclassInstance | BaseModel
    """A document without the name of its schema."""


def print_json(value: object) -> None:
    """Print one JSON value over several lines. Dataclasses and pydantic models become objects."""
    print(_json(value, orjson.OPT_INDENT_2))


def print_document(kind: str, content: "Content") -> None:
    """Print a document: the name of its schema, then the fields of `content`."""
    print_json(_document(kind, content))


def print_record(kind: str, content: "Content") -> None:
    """Print a document on one line and flush it, for commands that go on afterwards."""
    print(_json(_document(kind, content), 0), flush=True)


def fields(record: "DataclassInstance") -> dict[str, Any]:
    """Return the fields of a dataclass by name. Their values are not converted."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table without lines. Long cells are folded."""
    # Imported here because `tp best` prints no table and must start fast.
    from rich.table import Table
    from rich.text import Text

    from .screen import open_screen

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless(str(cell))) for cell in row))
    open_screen().print(table)


def write_text(path: Path, text: str) -> None:
    """Write a file. Raise `ConfigError` if that is impossible."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error


def write_page(path: Path, text: str) -> None:
    """Write an HTML page and report it on stderr. Raise `ConfigError` if that is impossible."""
    write_text(path, text)
    print(f"Wrote {path} ({len(text.encode()) / 1000:,.0f} kB). Open it in a browser.", file=sys.stderr)


def _json(value: object, option: int) -> str:
    """Return `value` as JSON, in which control and invisible characters are escaped."""
    try:
        text = orjson.dumps(value, option=option, default=_plain).decode()
    except orjson.JSONEncodeError:
        # Lone surrogates stand for the bytes of a file name that is not UTF-8.
        text = json.dumps(value, default=_plain, indent=2 if option else None)
    return visible(text)


def _document(kind: str, content: "Content") -> dict[str, Any]:
    named = content if isinstance(content, Mapping) else _plain(content)
    return {"schema": schema_name(kind), **named}


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if hasattr(value, "__dataclass_fields__"):
        return fields(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")
