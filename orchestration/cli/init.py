"""The command `init`."""

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...storage.hints import command
from ..config import defaults
from ..errors import ConfigError
from .options import PATH
from .output import write_text

if TYPE_CHECKING:
    from ..starting.started import Started


@click.command
@click.argument(
    "path", type=PATH, required=False, help="The file to write.  [default: transfer-prompting.toml]"
)
@click.option(
    "--data",
    type=PATH,
    help="Look at this file of rows (CSV, JSON, JSON Lines, Parquet), and write a configuration for it.",
)
@click.option("--answer", metavar="COLUMN", help="With --data: the column with the right answers.")
@click.option(
    "--from",
    "origin",
    type=PATH,
    help="Take over prompts, tests and asserts of this promptfooconfig.yaml.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def init(path: Path | None, data: Path | None, answer: str | None, origin: Path | None, force: bool) -> None:
    """Write a commented configuration file to start from. `tp run` reads it."""
    place = path or defaults.CONFIG
    if data is not None and origin is not None:
        raise ConfigError("Give either --data or --from.")
    if answer is not None and data is None:
        raise ConfigError("--answer names a column of a file: give the file as --data.")
    _check_free(place, force)
    started = _started(data, answer, origin, place)
    for name, _ in started.files:
        _check_free(place.parent / name, force)
    for name, text in started.files:
        write_text(place.parent / name, text)
    write_text(place, started.text)
    for remark in started.remarks:
        print(f"- {remark}")
    given = [] if place == defaults.CONFIG else [place]
    print(
        f"Wrote {', '.join(map(str, [place, *(place.parent / name for name, _ in started.files)]))}.", end=" "
    )
    print(f"Next: {command('run', *given)}")


def _started(data: Path | None, answer: str | None, origin: Path | None, place: Path) -> "Started":
    # Imported here: help must appear quickly.
    from ..starting.started import Started

    if data is not None:
        from ..starting.data_configuration import from_data

        return from_data(data, answer, place)
    if origin is not None:
        from ..starting.promptfoo import from_promptfoo

        return from_promptfoo(origin, place)
    starter = files("transfer_prompting.orchestration").joinpath("starter.toml")
    return Started(starter.read_text(encoding="utf-8"), ())


def _check_free(place: Path, force: bool) -> None:
    if place.exists() and not force:
        raise ConfigError(f"{place} exists already. Name another file, or replace it with --force.")
