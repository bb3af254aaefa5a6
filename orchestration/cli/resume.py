"""The command `resume`."""

from collections.abc import Callable
from pathlib import Path

import click

from ...agents.messages import RunFinished
from ...storage.place import Place
from ..console.display import Mode
from ..lineage.extend import extend
from ..runtime import lifecycle
from ..runtime.lifecycle import Watcher
from .consent_options import consent_of, consent_options, require_approval
from .options import budget_option, display_option, last_run_argument, log_option, log_path, records_option
from .run_display import run_in_view


@click.command
@last_run_argument
@log_option
@display_option
@budget_option
@consent_options
@records_option
def resume(
    run: str,
    log: Place | None,
    display: Mode,
    budget: str | None,
    trust: bool,
    own: Path | None,
    json: bool,
) -> None:
    """Continue a run that stopped early.

    The run may have been killed, may have failed, or may have reached its budget. No model call is paid for
    twice.
    """
    place, consent = log_path(log), consent_of(trust, own)
    require_approval(place, run, consent, calls=True)

    async def resume_run(watch: Watcher, say: Callable[[str], None]) -> tuple[str, RunFinished]:
        name, limits = (
            await extend(place, run, budget, consent=consent) if budget is not None else (run, None)
        )
        return await lifecycle.resume(place, name, watch, budget=limits, say=say, consent=consent)

    run_in_view(resume_run, display, place, records=json)
