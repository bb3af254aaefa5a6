"""Write a configuration: a task, the models, and remarks on what was guessed."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import ValidationError

from ...prompts.errors import TaskError
from ...prompts.loading.task_loader import LoadedTask, load_with_notes
from ...prompts.task import Split
from ..config.settings import Config, invalid
from ..errors import ConfigError
from .toml_text import comment, toml_key, toml_value

SMALL: Mapping[str, Any] = {"provider": "smollm2"}
"""Settings of the embedded model."""
_EDITS = ["demonstrations", "extend", "name_options", "describe", "replace", "cross", "shorten"]
"""Operators that need no model which can write."""
_TOKENS = 1_000_000
"""Tokens to which a run with a model that may cost money is limited."""
_RATED = ("label", "letter")
"""Types of answers whose options a model in this process can rate."""
_PAID = ("openai", "autogen", "dspy")
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
    model: Mapping[str, Any] = field(default_factory=lambda: SMALL)
    """Settings of the model of every role."""
    experience: Sequence[str] = ()
    """Logs whose lessons the run begins with."""


def configuration(draft: Draft) -> str:
    """Return the text of a configuration."""
    models = ["scorer", "reference", *(["judge"] if draft.judge else [])]
    parts = [
        *map(comment, draft.head),
        f"name = {toml_value(draft.name)}",
        *([f"experience = {toml_value(list(draft.experience))}"] if draft.experience else []),
        "",
        "[target]",
        f"task = {toml_value(draft.name)}",
        "steps = 4",
        "",
        *_search(draft),
        f"[tasks.{toml_key(draft.name)}]",
        f"description = {toml_value(draft.description)}   # shown to the model that improves the prompt",
        *_lines({key: one for key, one in draft.settings.items() if key != "data"}),
        "",
        f"[tasks.{toml_key(draft.name)}.data]",
        *map(comment, draft.remarks),
        *_lines(draft.settings["data"]),
        "",
        comment(
            "The model whose answers are scored, and the one that writes prompts. `tp init` shows all keys."
        ),
        *(_about_small() if draft.model == SMALL else ()),
        *(line for name in models for line in (f"[models.{name}]", *_lines(draft.model), "")),
    ]
    return "\n".join(parts)


def _search(draft: Draft) -> list[str]:
    """Return the settings of the search and of the budget that suit the model."""
    lines = []
    if draft.model == SMALL:
        rated = draft.settings["answer"]["type"] in _RATED
        lines = [
            "[search]",
            comment("The embedded model cannot write prompts, so these operators edit them."),
            f"operators = {toml_value(_EDITS)}",
            *(['answer = "likelihood"   # compare the likelihoods of the options'] if rated else []),
            "",
        ]
    elif draft.model["provider"] in _PAID:
        lines = [
            comment("A limit on what the run may cost. To raise it later: tp resume last --budget +50%"),
            "[budget]",
            f"tokens = {_TOKENS}",
            "",
        ]
    return lines


def _about_small() -> list[str]:
    return [
        comment("The embedded model is small. For real work name a better one: tp init --model, or here:"),
        comment('provider = "openai"   model = "gpt-4o-mini"   base_url = "https://api.openai.com/v1"'),
    ]


def loaded(text: str, name: str, place: Path, beside: Sequence[tuple[str, str]] = ()) -> LoadedTask:
    """Load the task of a configuration that is to stand at `place`.

    If its rows are to stand in files `beside` it, each a name and a text, it is loaded elsewhere. Raises
    `ConfigError` or `TaskError` if it would not load.
    """
    if not beside:
        return _loaded(text, name, place)
    with TemporaryDirectory() as folder:
        for file, content in beside:
            (Path(folder) / file).write_text(content, encoding="utf-8")
        try:
            found = _loaded(text, name, Path(folder) / place.name)
        except (TaskError, ConfigError) as error:
            raise ConfigError(str(error).replace(f"{folder}/", "")) from error
    return replace(found, notes=tuple(note.replace(f"{folder}/", "") for note in found.notes))


def _loaded(text: str, name: str, place: Path) -> LoadedTask:
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
