"""The commands `study run`, `study resume`, `study show` and `study report`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ...storage.place import Place
from .options import PATH, json_option, log_option, unreadable_option

if TYPE_CHECKING:
    from ..studies.logs import CellState, StudyLogs
    from ..studies.plan import StudyPlan

_STUDY = "study.toml"
Display = Literal["auto", "live", "plain", "none"]

study_argument = click.argument(
    "file", type=PATH, default=_STUDY, help=f"The description of the study.  [default: {_STUDY}]"
)
study_display_option = click.option(
    "--display",
    type=click.Choice(["auto", "live", "plain", "none"]),
    default="auto",
    show_default=True,
    help="How to show the study. live: a view of all runs that updates itself; plain: a line for each run "
    "that begins or ends. auto: live in a terminal, plain elsewhere.",
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of runs at a time, instead of that of [executor].",
)


def _carrying_out(function: Callable[..., None]) -> Callable[..., None]:
    """Add the argument and the options of a command that makes runs."""
    for option in (
        json_option,
        unreadable_option,
        study_display_option,
        workers_option,
        log_option,
        study_argument,
    ):
        function = option(function)
    return function


@click.group
def study() -> None:
    """Carry out a table of runs: targets, models, arms and seeds.

    A file describes the study. Each run is named by its content and kept in the log of the study, so a study
    is resumed, extended and shared without paying twice.
    """


@study.command
@_carrying_out
def run(
    file: Path, log: Place | None, workers: int | None, display: Display, accept_unreadable: bool, json: bool
) -> None:
    """Make the runs of a study that are missing.

    After an interruption, or when the study has been extended, the same command makes what is left. At the
    end the table is printed.
    """
    plan = _planned(file)
    logs = _logs(plan, log)
    _carry_out(plan, logs, workers, display, accept_unreadable=accept_unreadable)
    _print(plan, logs, json=json)


@study.command
@_carrying_out
def resume(
    file: Path, log: Place | None, workers: int | None, display: Display, accept_unreadable: bool, json: bool
) -> None:
    """Go on with a study that was begun.

    It does what `tp study run` does, and refuses to begin a study in an empty log, such as one whose name was
    mistyped.
    """
    from ..errors import ConfigError

    plan = _planned(file)
    logs = _logs(plan, log)
    if all(state.status == "not begun" for state in _states(plan, logs).values()):
        raise ConfigError(
            f"No run of the study {file} was begun in its log. `tp study run {file}` begins it."
        )
    _carry_out(plan, logs, workers, display, accept_unreadable=accept_unreadable)
    _print(plan, logs, json=json)


@study.command
@study_argument
@log_option
@json_option
def show(file: Path, log: Place | None, json: bool) -> None:
    """Show the table of a study, also while it goes on."""
    plan = _planned(file)
    _print(plan, _logs(plan, log), json=json)


@study.command
@study_argument
@click.option("-o", "--output", type=PATH, help="The file to write or replace.  [default: NAME.html]")
@log_option
def report(file: Path, output: Path | None, log: Place | None) -> None:
    """Write the table of a study as one HTML page that opens offline.

    The page shows all measures before and after, gains and differences with intervals, and all runs.
    """
    from ..report.study_page import study_page
    from ..studies.table import study_table
    from .output import write_page

    plan = _planned(file)
    found = study_table(plan, _states(plan, _logs(plan, log)))
    write_page(output or Path(f"{plan.settings.name}.html"), study_page(found))


def _planned(file: Path) -> "StudyPlan":
    from ..studies.plan import plan_study

    return plan_study(file)


def _logs(plan: "StudyPlan", log: Place | None) -> "StudyLogs":
    from ..studies.logs import StudyLogs

    return StudyLogs(log or plan.settings.place)


def _states(plan: "StudyPlan", logs: "StudyLogs") -> "dict[str, CellState]":
    return {cell.run: logs.state(cell) for cell in plan.runs}


def _carry_out(
    plan: "StudyPlan", logs: "StudyLogs", workers: int | None, display: Display, *, accept_unreadable: bool
) -> None:
    import asyncio

    from ..studies.conduct import Conductor
    from ..studies.executors.choice import make_executor
    from ..studies.plan import check_data
    from .study_display import shown

    check_data(plan)

    async def conduct() -> None:
        with shown(plan, logs, display) as watch:
            executor = make_executor(plan.settings.executor, logs, workers)
            await Conductor(plan, logs, executor, watch, accept_unreadable=accept_unreadable).conduct()

    asyncio.run(conduct())


def _print(plan: "StudyPlan", logs: "StudyLogs", *, json: bool) -> None:
    from ..studies.table import study_table
    from .output import print_document
    from .study_text import print_table_of_study

    found = study_table(plan, _states(plan, logs))
    if json:
        print_document("study", found)
    else:
        print_table_of_study(found)
