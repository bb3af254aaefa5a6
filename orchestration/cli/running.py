"""The commands that carry a run on: run, resume."""

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...storage.places import Place
from .. import defaults
from .options import PATH, display_option, last_run_argument, log_option, log_path, records_option
from .waiting import wait_for

if TYPE_CHECKING:
    from ...storage.event import Event
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
@records_option
def run(config: Path | None, log: Place | None, display: "Mode", control: bool | None, json: bool) -> None:
    """Optimise a prompt as the configuration says, in view."""
    from ..config import read_config

    path = config or defaults.CONFIG
    settings = read_config(path)
    if control is not None:
        search = settings.search.model_copy(update={"control": control})
        settings = settings.model_copy(update={"search": search})
    place = log or settings.log

    from ..session import start

    watched(display, lambda watch: start(settings, path.parent, place, watch), place, records=json)


@click.command
@last_run_argument
@log_option
@display_option
@records_option
def resume(run: str, log: Place | None, display: "Mode", json: bool) -> None:
    """Go on with a run that was killed or has failed; finished calls are not made again."""
    from ..session import resume as go_on

    place = log_path(log)
    watched(display, lambda watch: go_on(place, run, watch), place, records=json)


def watched(
    mode: "Mode",
    go: Callable[[Any], Coroutine[Any, Any, tuple[str, Any]]],
    log: Place,
    *,
    records: bool = False,
) -> None:
    """Carry a run on with a display, and say at the end what its name is; with `records` to programs, too."""
    from rich.console import Console

    from ...storage.places import shown
    from ..console.display import choose_display
    from .records import Records

    if records and mode == "json":
        raise click.UsageError("--json prints two records, --display json every event: choose one of them.")
    talk = Console(stderr=True)
    told = Records(log)

    def watch(event: "Event") -> None:
        view.feed(event)
        if records:
            told.feed(event)

    with told.kept() if records else nullcontext(), choose_display(mode, talk) as view:
        name, _ = wait_for(go(watch))
    place = "" if log == log_path(None) else f" --log {shown(log)}"
    talk.print(
        f"The run is {name}. See it again: tp replay {name}{place} | its prompt: tp best {name}{place}",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
