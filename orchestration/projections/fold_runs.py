"""Runs of a log that hold out a given fold: those with the same configuration, models and data."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...agents.messages import ExperienceLoaded, Message, RunStarted, TaskLoaded
from ...agents.messages.codec import decode
from ...storage.reader import Reader
from ...storage.redaction import is_redacted
from .listed_runs import listed_runs
from .run_status import Status


class FoldRun(NamedTuple):
    """A run that holds out a fold."""

    run: str
    status: Status


def find_run(reader: Reader, opening: Sequence[Message]) -> FoldRun | None:
    """Return the run that begins with the same configuration, models and data as `opening` says, or None.

    It is the first one that has finished, so that a repetition cannot be chosen for its result; otherwise the
    newest one that can go on. A run without a result does not count. The versions of packages may differ.
    """
    usable = [run for run in listed_runs(reader) if run.status != "no result"]
    same = [FoldRun(run.run, run.status) for run in usable if _is_same(reader, run.run, opening)]
    finished = [one for one in same if one.status == "finished"]
    if finished:
        return finished[0]
    return same[-1] if same else None


def _is_same(reader: Reader, run: str, opening: Sequence[Message]) -> bool:
    recorded = _identities(_opening(reader, run))
    wanted = _identities(iter(opening))
    # The configuration comes first: the tasks of most runs need not be read.
    return next(recorded, None) == next(wanted, None) and list(recorded) == list(wanted)


def _opening(reader: Reader, run: str) -> Iterator[Message]:
    for event in reader.read(run, kinds=("run.started", "experience.loaded", "task.loaded")):
        if not is_redacted(event):
            yield decode(event)


def _identities(opening: Iterator[Message]) -> Iterator[object]:
    for message in opening:
        if isinstance(message, RunStarted):
            yield message.config, message.models
        elif isinstance(message, ExperienceLoaded):
            yield message.lessons
        elif isinstance(message, TaskLoaded):
            yield message.stage, message.digest
