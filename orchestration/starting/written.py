"""Write a configuration: a task, the models, and remarks on what was guessed."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...prompts.loading.task_loader import LoadedTask, load_with_notes
from ...prompts.task import Split
from ..config.settings import Config, invalid
from .toml_text import comment, toml_key, toml_value

_LIMITS: Mapping[Split, int] = {"train": 50, "dev": 60, "test": 200}
_INLINE = 100
"""Number of characters of a value that stands on one line."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a configuration is made of."""

    name: str
    """Name of the run and of its task."""
    description: str
    settings: Mapping[str, Any]
    """Settings of the task."""
    remarks: Sequence[str]
    """What was guessed, and what to change if it is wrong."""
    head: Sequence[str]
    """First lines, as comments."""
    judge: bool = False
    """True if a metric needs a judge."""


def configuration(draft: Draft) -> str:
    """Return the text of a configuration."""
    role = 'provider = "smollm2"'
    models = ["scorer", "reference", *(["judge"] if draft.judge else [])]
    parts = [
        *map(comment, draft.head),
        f"name = {toml_value(draft.name)}",
        "",
        "[target]",
        f"task = {toml_value(draft.name)}",
        "steps = 4",
        "",
        f"[tasks.{toml_key(draft.name)}]",
        f"description = {toml_value(draft.description)}   # shown to the model that improves the prompt",
        *_lines({key: one for key, one in draft.settings.items() if key != "data"}),
        "",
        f"[tasks.{toml_key(draft.name)}.data]",
        *map(comment, draft.remarks),
        *_lines(draft.settings["data"]),
        "",
        comment("The model whose answers are scored, and the one that writes prompts. The embedded model is"),
        comment("small: for real work describe a better one. `tp init` shows all keys."),
        comment('provider = "openai"   model = "gpt-4o-mini"   base_url = "https://api.openai.com/v1"'),
        *(line for name in models for line in (f"[models.{name}]", role)),
        "",
    ]
    return "\n".join(parts)


def loaded(text: str, name: str, place: Path) -> LoadedTask:
    """Load the task of a configuration that is to stand at `place`.

    Raises `ConfigError` or `TaskError` if it would not load there.
    """
    try:
        config = Config.model_validate(tomllib.loads(text))
    except ValidationError as error:
        raise invalid(str(place), error) from error
    return load_with_notes(name, config.tasks[name], place.parent, _LIMITS, config.seed)


def _lines(settings: Mapping[str, Any]) -> list[str]:
    return [f"{toml_key(key)} = {_value(value)}" for key, value in settings.items()]


def _value(value: Any) -> str:
    """Return a value, with the items of a long list on lines of their own."""
    text = toml_value(value)
    if len(text) <= _INLINE or not isinstance(value, list):
        return text
    return "[\n" + "".join(f"    {toml_value(item)},\n" for item in value) + "]"
