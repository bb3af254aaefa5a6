"""Settings that a fork has and its origin has not: `search.temperature=0.5`."""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from ..errors import ConfigError
from .settings import Config, explain, recorded_config

_FIXED = (
    "name",
    "log",
    "tasks",
    "source.tasks",
    "source.examples",
    "target.task",
    "target.examples",
    "target.test_examples",
)
"""What is in the log already when a run is forked: its tasks, its examples, its name."""


def parse(settings: Sequence[str]) -> dict[str, Any]:
    """Key -> value from "key=value" texts; a value is read as TOML, and where it is none, as text."""
    found = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {setting}: write key=value, such as search.temperature=0.5.")
        found[key.strip()] = _value(text.strip())
    return found


def apply(recorded: Mapping[str, Any], overrides: Mapping[str, Any]) -> Config:
    """The recorded configuration with `overrides`. Raises `ConfigError` naming the key and the mend."""
    changed = deepcopy(recorded_config(recorded))
    for key, value in overrides.items():
        if any(key == fixed or key.startswith(fixed + ".") for fixed in _FIXED):
            raise ConfigError(
                f"--set {key}: a fork keeps the tasks and examples of its origin, which are in the log "
                "already. To change them, start a new run."
            )
        _put(changed, key, value)
    try:
        config = Config.model_validate(changed)
    except ValidationError as error:
        raise ConfigError(explain("--set", error)) from error
    if (config.search.judge is None) != (recorded["search"].get("judge") is None):
        raise ConfigError(
            "--set search.judge: a fork has a judge if its origin has one, since the judge must have heard "
            "the tasks. To bring one in or to do without, start a new run."
        )
    return config


def _put(table: dict[str, Any], key: str, value: object) -> None:
    *tables, last = key.split(".")
    for name in tables:
        inner = table.setdefault(name, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"--set {key}: {name} is a value and has no keys of its own.")
        table = inner
    table[last] = value


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text
