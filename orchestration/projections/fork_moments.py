"""Moments of a run at which a fork is worthwhile: before each decision that other settings could change."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...agents.messages import ProposalsRequested, StageFinished, StageStarted
from ...storage.event import Event
from ...storage.reader import Reader
from .decoding import readable
from .run_clock import RunClock

_DECIDING = ("stage.started", "stage.finished", "proposals.requested")


@dataclass(frozen=True, slots=True)
class ForkMoment:
    """A point inside a run."""

    seq: int
    """Last event that both runs would share."""
    seconds: float
    """Running time up to it."""
    replies: int
    """Replies that the fork would not pay for again."""
    before: str
    """What happens next."""


def fork_moments(reader: Reader, run: str) -> Iterator[ForkMoment]:
    """Yield the moments of `run`, the earliest first."""
    clock, replies, last = RunClock(), 0, 0
    for event in reader.read(run):
        if last and event.kind in _DECIDING:
            yield ForkMoment(last, clock.seconds, replies, _before(event))
        clock.apply(event)
        replies += event.kind == "call.finished"
        last = event.seq


def _before(event: Event) -> str:
    """Return what `event` begins, for a person."""
    match readable(event):
        case StageStarted(stage=stage, tasks=tasks):
            return f"the {stage} stage on {', '.join(tasks)}"
        case ProposalsRequested(stage=stage, step=step):
            return f"the proposals of step {step} of the {stage} stage"
        case StageFinished(stage=stage):
            return f"the end of the {stage} stage"
        case _:
            return event.kind
