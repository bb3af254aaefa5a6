"""The command `resume`."""

from collections.abc import Callable

import click

from ...agents.messages import RunFinished
from ...storage.place import Place
from ..console.display import Mode
from ..lineage.extend import extend
from ..runtime import lifecycle
from ..runtime.lifecycle import Watcher
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

    async def resume_run(watch: Watcher, say: Callable[[str], None]) -> tuple[str, RunFinished]:
        name, limits = await extend(place, run, budget) if budget is not None else (run, None)
        return await lifecycle.resume(place, name, watch, budget=limits, say=say)

    run_in_view(resume_run, display, place, records=json)
