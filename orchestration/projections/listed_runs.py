"""One line for each run of a log. Imports little, so that `tp runs` starts quickly."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ...agents.call_events import CALL_KINDS
from ...storage.errors import LogUnreadable
from ...storage.reader import Reader, RunSummary
from .no_result import find_reason
from .run_clock import running_seconds
from .run_status import ENDS, STATUSES, Status
from .target_view import named_targets, readable_payload


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
    targets: tuple[str, ...] = ()
    """Names of the target tasks; () if the beginning of the run was redacted or cannot be read."""
    outcome: str = ""
    """What came of it, such as "+31.0 points"; "" if it has no result."""


def listed_runs(reader: Reader) -> list[ListedRun]:
    """Return all runs of the log, the oldest first, without reading their calls."""
    return [listed_run(reader, summary) for summary in reader.runs()]


def listed_run(reader: Reader, summary: RunSummary) -> ListedRun:
    """Return one run of the list."""
    status: Status = "unfinished"
    targets: tuple[str, ...] = ()
    outcome = ""
    for event in reader.read(summary.run, kinds=tuple(STATUSES), without=CALL_KINDS):
        status = STATUSES[event.kind]
        if event.kind == "run.started":
            targets = named_targets(event)
        elif event.kind in ENDS:
            outcome = _outcome(readable_payload(event))
    # A verdict that cannot be read leaves the list as it is; commands that show the run say what is wrong.
    with suppress(LogUnreadable):
        if status == "finished" and find_reason(reader, summary.run):
            status, outcome = "no result", ""
    seconds = running_seconds(reader, summary)
    return ListedRun(summary.run, status, summary.events, summary.first_at, seconds, targets, outcome)


def _outcome(ended: Mapping[str, Any]) -> str:
    """Return the outcome in a few words; the messages of a foreign log may hold anything."""
    match ended:
        case {"targets": [*targets], "improved": [*improved]}:
            return f"{len(improved)} of {len(targets)} improved"
        case {"improved": True, "comparisons": [{"difference": int() | float() as difference}, *_]}:
            return f"{100 * difference:+.1f} points"
        case {"improved": False}:
            return "no improvement found"
    return ""
