"""Settings that a fork changes, such as `search.temperature=0.5`."""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from ..errors import ConfigError
from .settings import Config, invalid, recorded_config

_FIXED = (
    "name",
    "log",
    "tasks",
    "source.tasks",
    "source.examples",
    "target.task",
    "target.examples",
    "target.test_examples",
    "target.fold",
    "targets.tasks",
    "targets.examples",
    "targets.test_examples",
    "targets.fold",
    "targets.each",
)
"""Settings that cannot change, because their effects are in the log when a run is forked."""


def parse(settings: Sequence[str]) -> dict[str, Any]:
    """Return the values of "key=value" texts by key. A value that is not TOML is text."""
    found = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {setting}: write key=value, such as search.temperature=0.5.")
        found[key.strip()] = _value(text.strip())
    return found


def apply(recorded: Mapping[str, Any], overrides: Mapping[str, Any]) -> Config:
    """Return the recorded configuration with `overrides`. Raise `ConfigError` if one is invalid."""
    was = recorded_config(recorded)
    changed = deepcopy(was)
    for key, value in overrides.items():
        if any(key == fixed or key.startswith(fixed + ".") for fixed in _FIXED):
            raise ConfigError(
                f"--set {key}: a fork keeps the tasks and examples of its origin, which are in the log "
                "already. To change them, start a new run."
            )
        _put(changed, key, value)
    if overrides.get("search.objective") == "metric" and not any(
        k.startswith("search.weights") for k in overrides
    ):
        changed["search"].pop("weights", None)
    try:
        config = Config.model_validate(changed)
    except ValidationError as error:
        raise invalid("--set", error) from error
    if (config.search.wording is None) != (was["search"].get("wording") is None):
        raise ConfigError(
            "--set search.wording: a fork has a wording judge if and only if its origin has one, because the "
            "judge must have received the tasks. To add or remove it, start a new run."
        )
    return config


def _put(table: dict[str, Any], key: str, value: object) -> None:
    *tables, last = key.split(".")
    for name in tables:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {key}: {name} is a value, not a table.")
        table = inner
    table[last] = value


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text
