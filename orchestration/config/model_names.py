"""Models as a person names them on the command line."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError

from ...agents.models.base import ModelError
from ...agents.models.openai.requests import address
from ...agents.models.registry import ModelSettings, Provider
from ...prompts.validation_errors import describe_errors
from ..errors import ConfigError

_OPENAI = "https://api.openai.com/v1"
_HINT = (
    "Name a model of OpenAI, PROVIDER/MODEL such as transformers/ORG/NAME, a folder or .gguf file, or a TOML "
    "file with a table [models.scorer]."
)


def read_model(text: str, option: str, base_url: str | None = None) -> dict[str, Any]:
    """Return the settings of the model that `text` names, as a table [models.NAME] would have them.

    `text` is a provider, "PROVIDER/MODEL", a TOML file with a table [models.scorer], a folder or .gguf file,
    or the name of a model at the server `base_url`, by default that of OpenAI.

    Raise `ConfigError`, which begins with `option`, if the settings are invalid.
    """
    settings = _settings(text, option, base_url)
    try:
        for url in ModelSettings.model_validate(settings).base_urls:
            address(url, "models")
    except ModelError as error:
        raise ConfigError(f"{option} {text}: {error}") from error
    except ValidationError as error:
        raise ConfigError(describe_errors(f"{option} {text}", error, ModelSettings, hint=_HINT)) from error
    return settings


def _settings(text: str, option: str, base_url: str | None) -> dict[str, Any]:
    path = Path(text)
    provider, slash, model = text.partition("/")
    if base_url is not None:
        return {"provider": "openai", "model": text, "base_url": base_url}
    if path.suffix == ".gguf" or path.is_dir():
        return {"provider": "transformers", "model": text}
    if path.suffix == ".toml" or path.is_file():
        return dict(_table(path, option))
    if provider == "openai" or (not slash and text not in get_args(Provider)):
        return {"provider": "openai", "model": model if slash else text, "base_url": _OPENAI}
    return {"provider": provider, **({"model": model} if model else {})}


def _table(path: Path, option: str) -> Mapping[str, Any]:
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{option} {path}: the file cannot be read as TOML: {error}.") from error
    models = written.get("models")
    table = models.get("scorer") if isinstance(models, dict) else None
    if not isinstance(table, dict):
        raise ConfigError(f"{option} {path}: the file has no table [models.scorer].")
    return table
