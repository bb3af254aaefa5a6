"""The command `resume`."""

import click

from ...storage.place import Place
from ..console.display import Mode
from ..runtime import lifecycle
from .options import budget_option, display_option, last_run_argument, log_option, log_path, records_option
from .run_display import run_in_view


@click.command
@last_run_argument
@log_option
@display_option
@budget_option
@records_option
def resume(run: str, log: Place | None, display: Mode, budget: str | None, json: bool) -> None:
    """Continue a run that stopped early.

    The run may have been killed, may have failed, or may have reached its budget. No model call is paid for
    twice.
    """
    place = log_path(log)
    run_in_view(
        lambda watch, say: lifecycle.resume(place, run, watch, budget=budget, say=say),
        display,
        place,
        records=json,
    )
