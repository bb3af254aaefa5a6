"""The command `fork`."""

import asyncio
from pathlib import Path

import click

from ...storage.place import Place
from ..config.overrides import parse
from ..console.display import Mode
from ..lineage.fork import fork as make_fork
from ..runtime.lifecycle import resume
from .consent_options import consent_of, consent_options
from .options import display_option, log_option, run_argument, writable_log
from .run_display import run_in_view


@click.command
@run_argument
@click.option(
    "--at", type=int, required=True, help="The number (seq) of the last event that both runs share."
)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting to change. Repeatable."
)
@log_option
@display_option
@consent_options
def fork(
    run: str,
    at: int,
    settings: tuple[str, ...],
    log: Place | None,
    display: Mode,
    trust: bool,
    own: Path | None,
) -> None:
    """Start a new run from a point inside another run.

    The two runs share all events up to that point, paid model calls included. From there on the new run goes
    its own way.
    """
    place, consent = writable_log(log, run), consent_of(trust, own)
    new = asyncio.run(make_fork(place, run, at, parse(settings), consent=consent))
    run_in_view(lambda watch, say: resume(place, new, watch, say=say, consent=consent), display, place)
