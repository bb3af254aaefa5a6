"""One line for each run of a log. Imports little, so that `tp runs` starts quickly."""

from dataclasses import dataclass

from ...agents.call_events import CALL_KINDS
from ...storage.reader import Reader, RunSummary
from .no_result import find_reason
from .run_clock import running_seconds
from .run_status import STATUSES, Status


@dataclass(frozen=True, slots=True)
class ListedRun:
    """One run in the list of runs."""

    run: str
    status: Status
    events: int
    started_at: int
    """Microseconds since 1970."""
    seconds: float
    """Running time, without the pauses before resumptions."""


def listed_runs(reader: Reader) -> list[ListedRun]:
    """Return all runs of the log, the oldest first, without reading their calls."""
    return [listed_run(reader, summary) for summary in reader.runs()]


def listed_run(reader: Reader, summary: RunSummary) -> ListedRun:
    """Return one run of the list."""
    status: Status = "unfinished"
    for event in reader.read(summary.run, kinds=tuple(STATUSES), without=CALL_KINDS):
        status = STATUSES[event.kind]
    if status == "finished" and find_reason(reader, summary.run):
        status = "no result"
    seconds = running_seconds(reader, summary)
    return ListedRun(summary.run, status, summary.events, summary.first_at, seconds)
