"""The command `runs`. It imports little, since it must start fast."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import click

from ...storage.opening import open_reader
from ...storage.place import Place
from ...storage.reader import RunSummary
from ..projections.run_status import without_notes
from .options import json_option, log_option, log_path
from .output import print_document, print_table

RunStatus = Literal["finished", "failed", "unfinished"]
_ENDINGS: dict[str, RunStatus] = {
    "run.finished": "finished",
    "run.failed": "failed",
    "handler.failed": "failed",
}


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run of a log."""

    run: str
    state: RunStatus
    events: int
    started: str
    """ISO 8601, local time with its offset."""
    seconds: float


@dataclass(frozen=True, slots=True)
class RunsDocument:
    """The runs of a log, the oldest first."""

    runs: list[ListedRun]


@click.command
@log_option
@json_option
def runs(log: Place | None, json: bool) -> None:
    """List the runs in a log."""
    with open_reader(log_path(log)) as reader:
        found = [_listed(without_notes(reader, summary)) for summary in reader.runs()]
    if json:
        print_document("runs", RunsDocument(found))
        return
    rows = [[run.run, run.state, run.events, run.started, run.seconds] for run in found]
    print_table(["run", "state", "events", "started", "seconds"], rows)


def _listed(run: RunSummary) -> ListedRun:
    started = datetime.fromtimestamp(run.first_at / 1e6).astimezone()
    return ListedRun(
        run=run.run,
        state=_ENDINGS.get(run.last_kind, "unfinished"),
        events=run.events,
        started=started.isoformat(timespec="seconds"),
        seconds=round((run.last_at - run.first_at) / 1e6, 1),
    )
