"""The command `resume`."""

from collections.abc import Callable
from pathlib import Path

import click

from ...storage.place import Place
from ..config.overrides import parse
from ..console.display import Mode
from ..lineage.extend import change_settings, extend
from ..runtime import lifecycle
from ..runtime.lifecycle import Watcher
from ..runtime.recorded_run import RunVerdict
from .consent_options import consent_of, consent_options, require_approval
from .options import (
    budget_option,
    display_option,
    last_run_argument,
    log_option,
    records_option,
    unreadable_option,
    writable_log,
)
from .run_display import run_in_view


@click.command
@last_run_argument
@log_option
@display_option
@budget_option
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="Start over with another setting, in a new run that uses again what the setting does not change. "
    "Repeatable.",
)
@unreadable_option
@consent_options
@records_option
def resume(
    run: str,
    log: Place | None,
    display: Mode,
    budget: str | None,
    settings: tuple[str, ...],
    accept_unreadable: bool,
    trust: bool,
    own: Path | None,
    json: bool,
) -> None:
    """Continue a run that stopped early.

    The run may have been killed, may have failed, or may have reached its budget. No model call is paid for
    twice.
    """
    place, consent = writable_log(log, run), consent_of(trust, own)
    require_approval(place, run, consent, calls=True)

    async def resume_run(watch: Watcher, say: Callable[[str], None]) -> tuple[str, RunVerdict]:
        name, limits = run, None
        if settings:
            name = await change_settings(place, run, parse(settings), budget, consent=consent)
        elif budget is not None:
            name, limits = await extend(place, run, budget, consent=consent)
        return await lifecycle.resume(
            place,
            name,
            watch,
            budget=limits,
            accept_unreadable=accept_unreadable,
            say=say,
            consent=consent,
        )

    run_in_view(resume_run, display, place, records=json)
