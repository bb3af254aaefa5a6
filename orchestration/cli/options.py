"""Arguments and options that several commands share."""

from pathlib import Path

import click

from ...storage.errors import StorageError
from ...storage.opening import check_writable, open_reader
from ...storage.place import DEMO, Place, is_url
from ..config import defaults

RECORDED = "demo"
"""Name of the recorded run that comes with the program."""
_RUN = (
    'The name of a run, or the beginning of its name; "last" is the newest run, and "demo" a recorded run '
    "that comes with the program."
)


def place(text: str) -> Place:
    """Return the place of a log. A URL must not become a path, which would lose its double slash."""
    return text if text == DEMO or is_url(text) else Path(text)


PATH = click.Path(path_type=Path)
log_option = click.option(
    "--log",
    type=place,
    metavar="PATH",
    help="The event log: a file (by default transfer-prompting.db in this folder) or "
    "postgresql://user@host/database?schema=NAME.",
)


def _runs_from(ctx: click.Context, _param: click.Parameter, beginning: str) -> list[str]:
    """Return the names of runs that complete `beginning`. A log that cannot be read has none."""
    names = ["last", RECORDED]
    try:
        with open_reader(ctx.params.get("log") or defaults.LOG) as reader:
            names += [summary.run for summary in reader.runs()]
    except StorageError:
        pass
    return [name for name in names if name.startswith(beginning)]


run_argument = click.argument("run", help=_RUN, shell_complete=_runs_from)
last_run_argument = click.argument(
    "run", default="last", help=f"{_RUN}  [default: last]", shell_complete=_runs_from
)
budget_option = click.option(
    "--budget",
    metavar="LIMITS",
    help="Limits of what the run may use, any of tokens=200000,money=2.5,calls=5000,seconds=3600, or a "
    "change of all limits such as +50%.",
)
unreadable_option = click.option(
    "--accept-unreadable",
    is_flag=True,
    help="Go on although hardly any answer of the model can be read. Without this the run stops.",
)
json_option = click.option("--json", is_flag=True, help="Print JSON for programs (see `tp schema`).")
records_option = click.option(
    "--json",
    is_flag=True,
    help="Print two lines of JSON for programs: one when the run has started, one when it has ended.",
)
display_option = click.option(
    "--display",
    type=click.Choice(["auto", "live", "plain", "log", "json", "none"]),
    default="auto",
    show_default=True,
    help="How to show the run. live: a view that updates itself; plain: lines of text; log: one line per "
    "event; json: one JSON object per event. auto: live in a terminal, plain elsewhere.",
)

target_option = click.option(
    "--target", metavar="NAME", help="The target, if the run has several: the name of its task."
)
reading_display_option = click.option(
    "--display",
    type=click.Choice(["auto", "full", "live", "plain", "log", "json", "none"]),
    default="auto",
    show_default=True,
    help="How to show the run. full: a full screen in which you can move through the run; live: a view that "
    "updates itself; plain: lines of text; log: one line per event; json: one JSON object per event. auto: "
    "what the terminal can do, and plain elsewhere.",
)


def log_path(given: Place | None, *runs: str) -> Place:
    """Return the log that a command works on.

    `runs` are the names that the user gave. If they are all "demo", no log is given, and the log in this
    folder has no run whose name begins so, the log is that of the recorded run.
    """
    if given is None and runs and set(runs) == {RECORDED} and not _has_own(RECORDED):
        return DEMO
    return given or defaults.LOG


def _has_own(name: str) -> bool:
    """Return whether the log in this folder has a run whose name begins with `name`."""
    try:
        with open_reader(defaults.LOG) as reader:
            return any(summary.run.startswith(name) for summary in reader.runs())
    except StorageError:
        return False


def writable_log(given: Place | None, run: str) -> Place:
    """Return the log that a command changes. Raise `LogUnreadable` if it is that of the recorded run."""
    place = log_path(given, run)
    check_writable(place)
    return place
