"""Status of a run, decided by the kinds of its events, and for a finished run also by its verdict."""

from typing import Literal

NOTES = frozenset({"run.forked", "fork.made", "run.imported", "event.redacted"})
"""Kinds that a user adds after the fact. No agent hears them, and they take no running time."""

ENDS = ("run.finished", "targets.finished")
"""Kinds of which one ends a run: the verdict, or the verdicts of several targets."""

Status = Literal["unfinished", "failed", "finished", "no result"]
STATUSES: dict[str, Status] = {
    "run.started": "unfinished",
    "run.resumed": "unfinished",
    "run.failed": "failed",
    "handler.failed": "failed",
    "run.finished": "finished",
    "targets.finished": "finished",
}
"""Kind of event -> status of the run after it; all other kinds leave the status as it is.

A run that has finished without a result (see `no_result`) has the status "no result" instead.

A killed run is unfinished, and so is one that is still running: their logs end in the same way.
"""
