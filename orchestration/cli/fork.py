"""The command `fork`."""

import asyncio
from pathlib import Path

import click

from ...storage.hints import command
from ...storage.place import Place
from ..config.overrides import parse
from ..console.display import Mode
from ..lineage.fork import fork as make_fork
from ..projections.fork_moments import fork_moments
from ..runtime.lifecycle import resume
from .consent_options import consent_of, consent_options
from .log_reading import open_log
from .options import display_option, log_option, log_path, run_argument, writable_log
from .output import print_table
from .run_display import run_in_view


@click.command
@run_argument
@click.option(
    "--at",
    type=int,
    help="The number (seq) of the last event that both runs share. Without it, the moments of the run at "
    "which a fork is worthwhile are listed.",
)
@click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE", help="A setting to change. Repeatable."
)
@log_option
@display_option
@consent_options
def fork(
    run: str,
    at: int | None,
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
    if at is None:
        if settings:
            raise click.UsageError(
                f"--at is missing. {command('fork', run)} lists the moments to choose from."
            )
        _print_moments(run, log)
        return
    place, consent = writable_log(log, run), consent_of(trust, own)
    new = asyncio.run(make_fork(place, run, at, parse(settings), consent=consent))
    run_in_view(lambda watch, say: resume(place, new, watch, say=say, consent=consent), display, place)


def _print_moments(run: str, log: Place | None) -> None:
    with open_log(log_path(log, run)) as reader:
        name = reader.resolve(run)
        rows = [
            [one.seq, f"{one.seconds:.1f}", f"{one.replies:,}", one.before]
            for one in fork_moments(reader, name)
        ]
    if not rows:
        print(f"Run {name} has not begun a stage: there is nothing to fork yet.")
        return
    print_table(["--at", "seconds", "replies kept", "before"], rows)
    print(f"Fork one: {command('fork', name, options=['--at', rows[-1][0], '--set', 'KEY=VALUE'], log=log)}")
