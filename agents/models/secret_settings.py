"""Refusal of settings that hold a key, with errors that do not repeat it."""

from collections.abc import Mapping
from typing import Any

from ...prompts.secret_values import holds_secret, is_variable_name


def check_no_secret(settings: Mapping[str, Any]) -> None:
    """Raise `ValueError` if the written settings of a model may hold a key. The error never quotes it."""
    name = settings.get("api_key_env", "OPENAI_API_KEY")
    if not isinstance(name, str) or not is_variable_name(name):
        raise ValueError(
            "api_key_env must be the name of an environment variable, such as OPENAI_API_KEY, and not the "
            "key: put the key into that variable"
        )
    written = settings.get("base_url")
    urls = written if isinstance(written, (list, tuple)) else [written]
    if any(isinstance(url, str) and holds_secret(url) for url in urls):
        raise ValueError(
            "base_url may hold a password or a key, and would be stored: put the key into the variable that "
            "api_key_env names, and leave out user, password, fragment and query (except api-version)"
        )
    if not isinstance(settings.get("params", {}), Mapping):
        raise ValueError('params must be a table, such as {reasoning_effort = "low"}')
