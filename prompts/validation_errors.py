"""Render pydantic's validation errors for the person who wrote the settings."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_Location = tuple[int | str, ...]
_LONGEST_VALUE = 80  # characters


def describe_errors(place: str, error: ValidationError, model: type[BaseModel], *, hint: str = "") -> str:
    """Return one line for each error: `place`, the key, its value, and the remedy.

    `place` names the file or table, and `model` is the class of settings that was validated. `hint` is the
    remedy for a missing key; by default the known keys are listed.
    """
    return "\n".join(f"{place}: {_describe(fault, model, hint)}" for fault in error.errors())


def _describe(fault: Any, model: type[BaseModel], hint: str) -> str:
    location: _Location = fault["loc"]
    key = ".".join(map(str, location))
    if fault["type"] == "missing":
        return f"{key} is missing. {hint or _known_keys(model, location)}".rstrip()
    written = f"{key}{_value(fault['input'])}"
    if fault["type"] == "extra_forbidden":
        return f"{written}: there is no such key. {_suggestion(model, location)}".rstrip()
    message = fault["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{written}: {message}." if key else f"{message}."


def _value(written: object) -> str:
    """Return the value as text, unless it is a table or too long to help."""
    text = repr(written)
    return "" if isinstance(written, dict | BaseModel) or len(text) > _LONGEST_VALUE else f" = {text}"


def _suggestion(model: type[BaseModel], location: _Location) -> str:
    inner = _model_at(model, location[:-1])
    close = get_close_matches(str(location[-1]), inner.model_fields if inner else (), n=1)
    return f"Did you mean {close[0]}?" if close else _known_keys(model, location)


def _known_keys(model: type[BaseModel], location: _Location) -> str:
    inner = _model_at(model, location[:-1])
    if inner is None:
        return ""
    return f"Known keys here: {', '.join(inner.model_fields) or 'none'}."


def _model_at(model: type[BaseModel] | None, location: _Location) -> type[BaseModel] | None:
    """Return the class of the settings at `location`; None if it is unknown."""
    in_container = False
    for part in location:
        if in_container or model is None:
            in_container = False  # An index of a list or a key of a table: its value has the same class.
            continue
        field = model.model_fields.get(str(part))
        model = next(_models(field.annotation), None) if field else None
        in_container = field is not None and _is_container(field.annotation)
    return model


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _is_container(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) in (dict, list, tuple)
