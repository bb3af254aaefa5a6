"""The command `runs`. It imports little, since it must start fast."""

from dataclasses import dataclass
from datetime import datetime

import click

from ...storage.place import Place
from ..projections.listed_runs import ListedRun, listed_runs
from ..projections.run_status import Status
from .log_reading import open_log
from .options import json_option, log_option, log_path
from .output import print_document, print_table


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run of a log."""

    run: str
    status: Status
    events: int
    started: str
    """ISO 8601, local time with its offset."""
    seconds: float
    """Running time, without the pauses before resumptions."""
    targets: tuple[str, ...]
    """Names of the target tasks."""
    outcome: str
    """What came of it, in a few words; "" without a result."""


@dataclass(frozen=True, slots=True)
class RunsDocument:
    """The runs of a log, the oldest first."""

    runs: list[RunLine]


@click.command
@log_option
@json_option
def runs(log: Place | None, json: bool) -> None:
    """List the runs in a log."""
    with open_log(log_path(log)) as reader:
        found = [_line(run) for run in listed_runs(reader)]
    if json:
        print_document("runs", RunsDocument(found))
        return
    rows = [
        [run.run, run.status, ", ".join(run.targets), run.outcome, run.events, _minute(run), run.seconds]
        for run in found
    ]
    print_table(["run", "status", "target", "outcome", "events", "started", "seconds"], rows)


def _line(run: ListedRun) -> RunLine:
    started = datetime.fromtimestamp(run.started_at / 1e6).astimezone()
    return RunLine(
        run=run.run,
        status=run.status,
        events=run.events,
        started=started.isoformat(timespec="seconds"),
        seconds=round(run.seconds, 1),
        targets=run.targets,
        outcome=run.outcome,
    )


def _minute(run: RunLine) -> str:
    """Return the minute in which a run began, as a person reads it."""
    return run.started[:16].replace("T", " ")
