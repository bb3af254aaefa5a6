"""A cell of a study: one run, named by a digest of everything that decides it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from ..config.functions import with_functions
from ..config.settings import Config
from ..trust.code_files import fingerprints
from .arms import Arm
from .data_digest import TaskDigests

_FORMAT = "transfer-prompting/cell/1"
"""It changes if equal settings mean another run than before."""
_DIGITS = 16
_NAME = 24
"""Most characters of the task in the name of a run."""
_UNDECIDED = {"name", "log", "experience", "functions", "programs"}
"""Parts of a configuration that do not decide what a run finds; code enters the digest by its contents."""


@dataclass(frozen=True, slots=True)
class Label:
    """Place of a cell in the table of its study."""

    target: str
    model: str
    arm: Arm
    seed: int
    setting: str = ""
    """Name of the settings; "" if the study names none."""

    def __str__(self) -> str:
        parts = [self.target, self.model, self.setting, self.arm, f"seed {self.seed}"]
        return " / ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Cell:
    """A run of a study, whether or not it was made."""

    label: Label
    config: Config
    """Without experience: its places are known once the earlier runs have finished."""
    run: str
    """Name of the run in a log."""
    earlier: tuple[str, ...] = ()
    """Names of the runs whose lessons it begins with."""


def name_of(config: Config, folder: Path, earlier: Sequence[str], digests: TaskDigests) -> str:
    """Return the name of a run, which is the same wherever the study is carried out.

    It ends with a digest of what decides the run: the configuration without defaults, the tasks with their
    files, the code of the user's, and the `earlier` runs, which are named by digests themselves. Models
    enter by their settings. Raise `ConfigError` for an unknown task, or a file that cannot be read.
    """
    tasks = {name: digests.of(name, config, folder) for name in config.tasks_in_use}
    content: dict[str, Any] = {
        "format": _FORMAT,
        "config": written(config),
        "tasks": tasks,
        "code": fingerprints(with_functions(config, folder)),
        "earlier": list(earlier),
    }
    digest = sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:_DIGITS]
    shown = re.sub(r"[^A-Za-z0-9_]+", "-", Path(config.only_target.task).name)[:_NAME].strip("-_")
    return f"{shown or 'task'}-{digest}"


def written(config: Config) -> dict[str, Any]:
    """Return the settings of a configuration that decide a run and differ from their defaults."""
    found = config.model_dump(mode="json", exclude=_UNDECIDED, exclude_defaults=True)
    # Those of tasks that are read from files are not here, and all of a task is in its digest.
    found.pop("tasks", None)
    return found
