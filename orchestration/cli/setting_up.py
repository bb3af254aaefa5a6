"""The commands around a run: init, tasks, doctor."""

from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from .. import defaults
from .options import JsonOption


def init(
    path: Annotated[
        Path | None, typer.Argument(help="Where to write; by default transfer-prompting.toml.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Write a commented configuration to begin with."""
    from ..errors import ConfigError

    place = path or defaults.CONFIG
    if place.exists() and not force:
        raise ConfigError(f"{place} is there already. Name another file, or replace it with --force.")
    text = files("transfer_prompting.orchestration").joinpath("starter.toml").read_text(encoding="utf-8")
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{place} cannot be written: {error.strerror}.") from error
    print(f"Wrote {place}. Next: tp run" + ("" if place == defaults.CONFIG else f" {place}"))


def tasks(json: JsonOption = False) -> None:
    """List the example tasks that come with the program."""
    from ...prompts.loading import bundled_tasks, read_task_file
    from .listings import print_tasks

    print_tasks({name: read_task_file(folder) for name, folder in bundled_tasks().items()}, as_json=json)


def doctor(json: JsonOption = False) -> None:
    """What is installed, and which models can run here."""
    from ..doctor import examine
    from .listings import print_checks

    checks = examine()
    print_checks(checks, as_json=json)
    if not all(check.ok or check.optional for check in checks):
        raise SystemExit(1)
