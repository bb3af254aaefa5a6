"""The command `init`."""

from importlib.resources import files
from pathlib import Path

import click

from ...storage.hints import command
from ..config import defaults
from ..errors import ConfigError
from .options import PATH
from .output import write_text


@click.command
@click.argument(
    "path", type=PATH, required=False, help="The file to write.  [default: transfer-prompting.toml]"
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def init(path: Path | None, force: bool) -> None:
    """Write a commented configuration file to start from. `tp run` reads it."""
    place = path or defaults.CONFIG
    if place.exists() and not force:
        raise ConfigError(f"{place} exists already. Name another file, or replace it with --force.")
    write_text(
        place, files("transfer_prompting.orchestration").joinpath("starter.toml").read_text(encoding="utf-8")
    )
    print(f"Wrote {place}. Next: {command('run', *([] if place == defaults.CONFIG else [place]))}")
