"""Render pydantic's validation errors for the person who wrote the settings."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from .secret_values import looks_secret, names_secret

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
    # A secret that was pasted as a key is not repeated either.
    key = ".".join("..." if looks_secret(str(part)) else str(part) for part in location)
    if fault["type"] == "missing":
        return f"{key} is missing. {hint or _known_keys(model, location)}".rstrip()
    if fault["type"] == "extra_forbidden":
        # The value of an unknown key may be anything, such as a password under a wrong name.
        written = key if names_secret(key) else f"{key}{_value(fault['input'], texts=False)}"
        return f"{written}: there is no such key. {_suggestion(model, location)}".rstrip()
    secret = any(names_secret(str(part)) for part in location)
    written = f"{key}{_value(fault['input'], texts=not secret)}"
    message = fault["msg"].removeprefix("Value error, ").rstrip(".")
    return f"{written}: {message}." if key else f"{message}."


def _value(written: object, *, texts: bool = True) -> str:
    """Return the value as text, unless it is a table, too long to help, or may hold a secret.

    Without `texts`, only numbers and truth values are shown.
    """
    if not isinstance(written, str | int | float | list | tuple | None) or not (texts or _is_plain(written)):
        return ""
    text = repr(written)
    return "" if len(text) > _LONGEST_VALUE or _holds_secret(written) else f" = {text}"


def _is_plain(written: object) -> bool:
    return isinstance(written, int | float | None)


def _holds_secret(written: object) -> bool:
    if isinstance(written, list | tuple):
        return any(_holds_secret(item) for item in written)
    return not _is_plain(written) and (not isinstance(written, str) or looks_secret(written))


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
