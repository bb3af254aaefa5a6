"""The command `cross-validate`."""

import asyncio
from pathlib import Path

import click

from ...storage.hints import command
from ...storage.place import Place
from ..budget.extension import with_changes
from ..config import defaults
from ..config.settings import read_config
from ..console.display import Mode
from ..cross_validation import FoldPlan, carry_out, conclude, fold_configs, made, plan
from .cross_validate_text import print_verdict
from .options import PATH, budget_option, display_option, json_option, log_option, log_path, unreadable_option
from .output import print_document
from .run_display import run_in_view
from .run_estimate import print_estimate


@click.command("cross-validate")
@click.argument("config", type=PATH, required=False, help=f"A TOML file.  [default: {defaults.CONFIG}]")
@click.option(
    "--folds",
    type=click.IntRange(2, 100),
    metavar="K",
    default=5,
    show_default=True,
    help="Number of parts into which all rows of the target task are divided, and of runs.",
)
@log_option
@display_option
@budget_option
@click.option("--dry-run", is_flag=True, help="Estimate what all runs would cost, and stop.")
@unreadable_option
@json_option
def cross_validate(
    config: Path | None,
    folds: int,
    log: Place | None,
    display: Mode,
    budget: str | None,
    dry_run: bool,
    accept_unreadable: bool,
    json: bool,
) -> None:
    """Measure the gain of the search on all rows, in k folds.

    For tasks with few rows: k runs hold out a part of the rows each, so the verdict rests on all of them. It
    costs k times as much as one run. After an interruption the same command goes on; finished runs are not
    made again.
    """
    if json and display == "json":
        raise click.UsageError("--json prints one document, --display json prints every event: choose one.")
    path = config or defaults.CONFIG
    settings = read_config(path)
    if budget is not None:
        settings = settings.changed({"budget": with_changes(settings.budget, budget)})
    place = log or settings.log
    if dry_run:
        configs = fold_configs(settings, folds)
        asyncio.run(print_estimate(configs, path.parent, place, probe=False, as_json=json))
        return
    plans = asyncio.run(plan(settings, path.parent, folds))
    for one in plans:
        _make(one, path.parent, place, display, accept_unreadable=accept_unreadable)
    found = conclude(plans, place)
    if json:
        print_document("cross-validation", found)
        return
    best = command("best", found.folds[0].run, log=None if place == log_path(None) else place)
    print_verdict(found, command("run", path), best)


def _make(fold: FoldPlan, folder: Path, log: Place, display: Mode, *, accept_unreadable: bool) -> None:
    """Make the run of a fold, or continue it, unless it has finished."""
    name, found = fold.config.only_target.fold, made(fold, log)
    if found and found.status == "finished":
        click.echo(f"Fold {name}: run {found.run} has finished.", err=True)
        return
    click.echo(f"Fold {name}: {f'run {found.run} goes on' if found else 'a new run'}.", err=True)
    run_in_view(
        lambda watch, say: carry_out(fold, folder, log, watch, say, accept_unreadable=accept_unreadable),
        display,
        log,
    )
