"""The commands that carry a run on: run, resume."""

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...storage.place import Place
from ..config import defaults
from .options import (
    PATH,
    budget_option,
    display_option,
    last_run_argument,
    log_option,
    log_path,
    records_option,
)
from .waiting import wait_for

if TYPE_CHECKING:
    from ...storage.event import Event
    from ..config.settings import Config
    from ..console.display import Mode


@click.command
@click.argument("config", type=PATH, required=False, help="A TOML file; `tp init` writes one.")
@log_option
@display_option
@click.option(
    "--control/--no-control",
    default=None,
    help="Also search the target from scratch, with as many tokens, and compare (as search.control).",
)
@budget_option
@click.option("--reuse", is_flag=True, help="Take replies that another run of this log has paid for.")
@click.option("--dry-run", is_flag=True, help="Say what the run would cost, and stop there.")
@click.option("--probe", is_flag=True, help="With --dry-run: make one call to learn how long a reply takes.")
@records_option
def run(
    config: Path | None,
    log: Place | None,
    display: "Mode",
    control: bool | None,
    budget: str | None,
    reuse: bool,
    dry_run: bool,
    probe: bool,
    json: bool,
) -> None:
    """Optimise a prompt as the configuration says, in view."""
    from ..config.settings import read_config

    path = config or defaults.CONFIG
    settings = _changed(read_config(path), control, budget, reuse=reuse)
    place = log or settings.log
    if dry_run:
        from .estimating import print_estimate

        wait_for(print_estimate(settings, path.parent, place, probe=probe, as_json=json))
        return

    from ..runtime.lifecycle import start

    watched(
        display, lambda watch, say: start(settings, path.parent, place, watch, say=say), place, records=json
    )


def _changed(settings: "Config", control: bool | None, budget: str | None, *, reuse: bool) -> "Config":
    """The configuration with what the command line says otherwise."""
    from ..budget.extension import with_changes

    changes: dict[str, Any] = {"reuse": True} if reuse else {}
    if control is not None:
        changes["search"] = settings.search.model_copy(update={"control": control})
    if budget is not None:
        changes["budget"] = with_changes(settings.budget, budget)
    return settings.changed(changes) if changes else settings


@click.command
@last_run_argument
@log_option
@display_option
@budget_option
@records_option
def resume(run: str, log: Place | None, display: "Mode", budget: str | None, json: bool) -> None:
    """Go on with a run that was killed or has failed, or whose budget has ended; no call is paid twice."""
    from ..lineage.extend import extend
    from ..runtime.lifecycle import resume as go_on

    place = log_path(log)

    async def carry_on(watch: Any, say: Callable[[str], None]) -> tuple[str, Any]:
        name, limits = await extend(place, run, budget) if budget is not None else (run, None)
        return await go_on(place, name, watch, budget=limits, say=say)

    watched(display, carry_on, place, records=json)


def watched(
    mode: "Mode",
    go: Callable[[Any, Callable[[str], None]], Coroutine[Any, Any, tuple[str, Any]]],
    log: Place,
    *,
    records: bool = False,
) -> None:
    """Carry a run on with a display, and say at the end what its name is; with `records` to programs, too."""
    from rich.console import Console

    from ...storage.place import shown
    from ..console.display import choose_display
    from .records import Records

    if records and mode == "json":
        raise click.UsageError("--json prints two records, --display json every event: choose one of them.")
    talk = Console(stderr=True)
    told = Records(log)
    notes: list[str] = []

    def watch(event: "Event") -> None:
        view.apply(event)
        if records:
            told.apply(event)

    try:
        with told.kept() if records else nullcontext(), choose_display(mode, talk) as view:
            name, _ = wait_for(go(watch, notes.append))
    finally:
        for note in notes:
            talk.print(note, soft_wrap=True, highlight=False, markup=False)
    place = "" if log == log_path(None) else f" --log {shown(log)}"
    talk.print(
        f"The run is {name}. See it again: tp replay {name}{place} | its prompt: tp best {name}{place}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
