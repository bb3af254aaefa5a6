"""The command `init`."""

from dataclasses import replace
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
    help="Look at this file of rows (CSV, JSON, JSON Lines, Parquet), or at a folder with one for each "
    "split, and write a configuration for it.",
)
@click.option("--answer", metavar="COLUMN", help="With --data: the column with the right answers.")
@click.option(
    "--from",
    "origin",
    type=PATH,
    help="Take over prompts, tests and asserts of this promptfooconfig.yaml.",
)
@click.option(
    "--model",
    metavar="MODEL",
    help="With --data or --from: the model, such as gpt-4o-mini, a name at OpenAI; or PROVIDER/MODEL, a "
    "folder, a .gguf file, or a TOML file with a table [models.scorer].  [default: the embedded model]",
)
@click.option(
    "--base-url", metavar="URL", help="With --model: the OpenAI-compatible server that has the model."
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
def init(
    path: Path | None,
    data: Path | None,
    answer: str | None,
    origin: Path | None,
    model: str | None,
    base_url: str | None,
    force: bool,
) -> None:
    """Write a commented configuration file to start from. `tp run` reads it.

    With --data or --from it fits the file and the model, and uses what the runs in this folder have taught.
    """
    place = path or defaults.CONFIG
    if data is not None and origin is not None:
        raise ConfigError("Give either --data or --from.")
    if answer is not None and data is None:
        raise ConfigError("--answer names a column of a file: give the file as --data.")
    if model is not None and data is None and origin is None:
        raise ConfigError("--model fits a configuration to a model: give the file of rows as --data, too.")
    if base_url is not None and model is None:
        raise ConfigError("--base-url is the server of a model: name the model as --model.")
    _check_free(place, force)
    started = _started(data, answer, origin, place, model, base_url)
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


def _started(
    data: Path | None,
    answer: str | None,
    origin: Path | None,
    place: Path,
    model: str | None,
    base_url: str | None,
) -> "Started":
    # Imported here: help must appear quickly.
    from ..starting.started import Started
    from ..starting.surroundings import model_remarks, taught_by
    from ..starting.written import SMALL

    if data is None and origin is None:
        starter = files("transfer_prompting.orchestration").joinpath("starter.toml")
        return Started(starter.read_text(encoding="utf-8"), model_remarks(SMALL))

    from ..config.model_names import read_model

    settings = SMALL if model is None else read_model(model, "--model", base_url)
    logs, learned = taught_by(defaults.LOG)
    if data is not None:
        from ..starting.data_configuration import from_data

        started = from_data(data, answer, place, settings, logs)
    else:
        assert origin is not None
        from ..starting.promptfoo import from_promptfoo

        started = from_promptfoo(origin, place, settings, logs)
    return replace(started, remarks=(*started.remarks, *learned, *model_remarks(settings)))


def _check_free(place: Path, force: bool) -> None:
    if place.exists() and not force:
        raise ConfigError(f"{place} exists already. Name another file, or replace it with --force.")
