"""The command `run`."""

import asyncio
from pathlib import Path
from typing import Any

import click

from ...storage.place import Place
from ..budget.extension import with_changes
from ..config import defaults
from ..config.settings import Config, read_config
from ..console.display import Mode
from ..experience.gathering import of_run
from ..runtime.lifecycle import start
from .options import PATH, budget_option, display_option, log_option, place, records_option, unreadable_option
from .run_display import run_in_view
from .run_estimate import print_estimate


@click.command
@click.argument(
    "config",
    type=PATH,
    required=False,
    help="A TOML file. `tp init` writes one.  [default: transfer-prompting.toml]",
)
@log_option
@display_option
@click.option(
    "--control/--no-control",
    default=None,
    help="Also search without transfer, with as many tokens, and compare the two (setting search.control).",
)
@budget_option
@click.option(
    "--experience",
    type=place,
    multiple=True,
    metavar="LOG_OR_PACK",
    help="Begin with what earlier runs have taught: a log, or a pack of `tp experience export`. May be "
    "repeated.",
)
@click.option(
    "--from",
    "origins",
    multiple=True,
    metavar="RUN",
    help="Begin with what one run of the log has taught, on its source tasks and its target. May be "
    "repeated.",
)
@click.option("--reuse", is_flag=True, help="Use replies that another run in this log has paid for.")
@click.option("--dry-run", is_flag=True, help="Estimate what the run would cost, and stop.")
@click.option(
    "--probe", is_flag=True, help="With --dry-run: make one model call to measure how long a reply takes."
)
@unreadable_option
@records_option
def run(
    config: Path | None,
    log: Place | None,
    display: Mode,
    control: bool | None,
    budget: str | None,
    experience: tuple[Place, ...],
    origins: tuple[str, ...],
    reuse: bool,
    dry_run: bool,
    probe: bool,
    accept_unreadable: bool,
    json: bool,
) -> None:
    """Find a better prompt for a task.

    The configuration file names the task and the models. The run is shown while it goes on and is kept in the
    log.
    """
    path = config or defaults.CONFIG
    settings = read_config(path)
    written_to = log or settings.log
    taught = (*experience, *(of_run(written_to, one) for one in origins))
    settings = _changed(settings, control, budget, taught, reuse=reuse)
    if dry_run:
        asyncio.run(print_estimate([settings], path.parent, written_to, probe=probe, as_json=json))
        return
    run_in_view(
        lambda watch, say: start(
            settings, path.parent, written_to, watch, accept_unreadable=accept_unreadable, say=say
        ),
        display,
        written_to,
        records=json,
    )


def _changed(
    settings: Config, control: bool | None, budget: str | None, experience: tuple[Place, ...], *, reuse: bool
) -> Config:
    """Return the configuration with the changes that the command line asks for."""
    changes: dict[str, Any] = {"reuse": True} if reuse else {}
    if control is not None:
        changes["search"] = settings.search.model_copy(update={"control": control})
    if experience:
        changes["experience"] = (*settings.experience, *experience)
    if budget is not None:
        changes["budget"] = with_changes(settings.budget, budget)
    return settings.changed(changes) if changes else settings
