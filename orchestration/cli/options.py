"""Arguments that several commands share."""

from pathlib import Path

import click

from ...storage.place import Place, is_url
from ..config import defaults

_RUN = 'A run, by its name or the start of it; "last" is the newest.'


def _place(text: str) -> Place:
    """What follows --log. A URL must not become a path, which has no double slashes."""
    return text if is_url(text) else Path(text)


PATH = click.Path(path_type=Path)
log_option = click.option(
    "--log",
    type=_place,
    metavar="PATH",
    help="The event log: a file (by default transfer-prompting.db in this folder) or "
    "postgresql://user@host/database?schema=NAME.",
)
run_argument = click.argument("run", help=_RUN)
last_run_argument = click.argument("run", default="last", help=f"{_RUN}  [default: last]")
budget_option = click.option(
    "--budget",
    metavar="LIMITS",
    help="What the run may cost: any of tokens=200000,money=2.5,calls=5000,seconds=3600; or +50% of it all.",
)
json_option = click.option("--json", is_flag=True, help="Machine-readable output.")
records_option = click.option(
    "--json", is_flag=True, help="Print one record when the run is launched and one when it is done."
)
display_option = click.option(
    "--display",
    type=click.Choice(["auto", "live", "plain", "log", "json", "none"]),
    default="auto",
    show_default=True,
    help="How to show it; auto: live on a terminal, else plain lines. log: one line for each event.",
)

reading_display_option = click.option(
    "--display",
    type=click.Choice(["auto", "full", "live", "plain", "log", "json", "none"]),
    default="auto",
    show_default=True,
    help="How to show it. full: a whole screen to move about in; live: the conversation above the state; "
    "plain: lines; log: one line for each event; json: one object for each event. auto: what the terminal "
    "can do, and plain lines elsewhere.",
)


def log_path(given: Place | None) -> Place:
    """The log that a command works on."""
    return given or defaults.LOG
