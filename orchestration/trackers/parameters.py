"""The configuration of a run as flat names and short texts, without anything that may be a key."""

from collections.abc import Iterator
from typing import Any

from ...agents.messages import RunStarted
from ...prompts.secret_values import is_secret_name, looks_secret
from ..projections.json_diff import leaves
from .names import name_of

LEFT_OUT = "(left out)"
_LONGEST = 500
"""Characters of a value that every version of MLflow takes."""


def parameters_of(opening: RunStarted) -> dict[str, str]:
    """Return settings, identities of models, and versions. Texts that look like a secret are left out."""
    written: dict[str, Any] = {
        **opening.config,
        "seed": opening.seed,
        "model in use": opening.models,
        "version": opening.versions,
    }
    return dict(_written(written))


def _written(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for place, value in leaves(_joined(values)):
        if value is None or value == "":
            continue
        secret = any(map(is_secret_name, place.split("."))) or looks_secret(str(value))
        yield name_of(place), LEFT_OUT if secret else str(value)[:_LONGEST]


def _joined(value: Any) -> Any:
    """Return a JSON value in which each list of plain values is one text."""
    if isinstance(value, dict):
        return {key: _joined(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple) and not any(isinstance(inner, dict | list) for inner in value):
        return ", ".join(map(str, value))
    return value
