"""Digest of a task: of its settings, and of every file that they name."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from ...prompts.loading.task_settings import TaskSettings
from ..config.settings import Config
from ..errors import ConfigError
from ..runtime.assembly import find_task


class TaskDigests:
    """Computes the digests of the tasks of one study; each task and each file is read once.

    The files are not understood, so this takes milliseconds where loading a task takes long. Data of the
    Hugging Face hub enter by their name alone.
    """

    def __init__(self) -> None:
        self._files: dict[Path, str] = {}
        self._tasks: dict[str, str] = {}

    def of(self, name: str, config: Config, folder: Path) -> str:
        """Return the digest of a task that the configurations in `folder` know by `name`.

        Raise `ConfigError` for an unknown task, or a file that cannot be read.
        """
        if name not in self._tasks:
            self._tasks[name] = self._digest(*find_task(config.tasks, folder, name, "task"))
        return self._tasks[name]

    def _digest(self, settings: TaskSettings, folder: Path) -> str:
        written = settings.model_dump(mode="json", exclude_defaults=True)
        # Any text may name a file: data, a schema, a rubric, or code.
        named = [path for text in _texts(written) if (path := _file(folder, text)) is not None]
        content = {"settings": written, "files": [self._of_file(path) for path in named]}
        return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def _of_file(self, path: Path) -> str:
        if path not in self._files:
            try:
                self._files[path] = sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
        return self._files[path]


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts in nested settings, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _file(folder: Path, text: str) -> Path | None:
    """Return the file that a text names, also as FILE:FUNCTION; None if it names none."""
    if "\n" in text or len(text) > 255:
        return None
    for name in (text, text.rpartition(":")[0]):
        try:
            if name and (folder / name).is_file():
                return folder / name
        except (OSError, ValueError):
            return None
    return None
