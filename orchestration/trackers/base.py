"""What a follower of a log is, and the import of optional packages."""

import importlib
from types import ModuleType
from typing import Protocol

from ...storage.event import Event
from ..errors import ConfigError

PROJECT = "transfer-prompting"
"""Default name of the project, experiment or service at the tracker."""


class Follower(Protocol):
    """Takes in the events of one run and keeps a tracker up to date."""

    def apply(self, event: Event) -> None:
        """Take in the next event."""
        ...

    def update(self) -> None:
        """Bring the tracker to the state after the last event. Raises `TrackerError`."""
        ...

    def close(self) -> None:
        """Release the tracker."""
        ...


def load(module: str, title: str, extra: str) -> ModuleType:
    """Import a module of an optional package. Raise `ConfigError` with the command that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise ConfigError(
            f"{title} is not installed (there is no module {error.name}). "
            f"Run: pip install 'transfer-prompting[{extra}]'"
        ) from error
