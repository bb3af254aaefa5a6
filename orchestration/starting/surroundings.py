"""What is there when a configuration is written: earlier runs, and the key of a server."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ...agents.messages.base import plural
from ...agents.models.local.smollm2 import missing_commands
from ...agents.models.registry import ModelSettings
from ...storage.errors import StorageError
from ...storage.opening import open_reader
from ..experience.pack import make_pack
from ..projections.experience.fold import read_experience

_LOCAL = {"localhost", "127.0.0.1", "::1"}
"""Hosts of servers on this machine, which take any key."""


def taught_by(log: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the place of a log that has taught something, and remarks on it; nothing of any other file."""
    try:
        with open_reader(log) as reader:
            runs = len(reader.runs())
            lessons = len(make_pack(read_experience([reader])).pack.lessons)
    except StorageError:
        return (), ()
    if not lessons:
        return (), ()
    learned = f"A new run begins with {plural(lessons, 'lesson')} of {plural(runs, 'run')} in {log}."
    return (str(log),), (f"{learned} Delete the line `experience` to do without.",)


def model_remarks(model: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a remark if a model's server may need a key that is not there, or a model is not installed."""
    settings = ModelSettings.model_validate(model)
    if settings.provider == "smollm2" and (commands := missing_commands()):
        return (f"The embedded model is not installed. Run: {' && '.join(commands)}",)
    if settings.provider != "openai" or settings.api_key_env in os.environ:
        return ()
    if all(urlsplit(url).hostname in _LOCAL for url in settings.base_urls):
        return ()
    return (f"The key of the server is read from the variable {settings.api_key_env}, which is not set.",)
