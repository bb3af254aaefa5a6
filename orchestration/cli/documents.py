"""JSON on stdout: documents that say of what shape they are (docs/machine-use.md)."""

from collections.abc import Mapping
from typing import Any

import orjson

from ..schemas.names import schema_name


def print_json(value: Any) -> None:
    """One JSON value; dataclasses and pydantic models are objects."""
    print(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=_plain).decode())


def print_document(kind: str, content: Mapping[str, Any]) -> None:
    """The document `kind`: the name of its schema, then `content`."""
    print_json({"schema": schema_name(kind), **content})


def print_record(kind: str, content: Mapping[str, Any]) -> None:
    """The same on one line, at once: for commands that go on afterwards."""
    print(orjson.dumps({"schema": schema_name(kind), **content}, default=_plain).decode(), flush=True)


def fields(record: Any) -> dict[str, Any]:
    """The fields of a dataclass, by name; what they hold stays as it is."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    raise TypeError(f"{type(value).__name__} is no JSON value")
