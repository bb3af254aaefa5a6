"""The commands around a run: init, tasks, doctor."""

from pathlib import Path

import click

from ..config import defaults
from .options import PATH, json_option


@click.command
@click.argument("path", type=PATH, required=False, help="Where to write; by default transfer-prompting.toml.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def init(path: Path | None, force: bool) -> None:
    """Write a commented configuration to begin with."""
    from importlib.resources import files

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


@click.command
@click.argument("name", required=False, help="Load this task and show how its data are understood.")
@click.option(
    "--csv", "rows_of", metavar="NAME", help="Print all rows of a task as CSV, to try things out with."
)
@click.option(
    "--config", type=PATH, help="The configuration that describes NAME; by default transfer-prompting.toml."
)
@json_option
def tasks(name: str | None, rows_of: str | None, config: Path | None, json: bool) -> None:
    """List the example tasks that come with the program, or show one task and how its data are understood."""
    from ...prompts.loading.task_loader import bundled_tasks, read_task_file
    from .listings import print_rows, print_task, print_tasks

    if rows_of is not None:
        print_rows(rows_of)
        return
    if name is not None:
        print_task(name, config, as_json=json)
        return
    print_tasks({name: read_task_file(folder) for name, folder in bundled_tasks().items()}, as_json=json)


@click.command
@json_option
def doctor(json: bool) -> None:
    """What is installed, and which models can run here."""
    from ..doctor import examine
    from .listings import print_checks

    checks = examine()
    print_checks(checks, as_json=json)
    if not all(check.ok or check.optional for check in checks):
        raise SystemExit(1)


@click.command
@click.argument("document", required=False, help="Which one; without it, all are listed.")
def schema(document: str | None) -> None:
    """The JSON schema of what a command prints with --json."""
    from ..schemas.names import VERSIONS

    if document is None:
        print("\n".join(VERSIONS))
        return
    if document not in VERSIONS:
        raise click.UsageError(f"There is no document {document!r}. Choose one of: {', '.join(VERSIONS)}.")
    from ..schemas.documents import json_schema
    from .documents import print_json

    print_json(json_schema(document))
