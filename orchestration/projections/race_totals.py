"""The progress of several races as one."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...agents.messages import RaceFinished
from .race_progress import RaceProgress


@dataclass(frozen=True, slots=True)
class RaceTotals:
    """Candidates and examples of several races, summed."""

    entered: int
    """Number of candidates that entered the races."""
    remaining: int
    """Number of candidates that no race has stopped."""
    finished: int
    """Number of requested examples that have an answer."""
    expected: int
    """Number of requested examples."""


def race_totals(races: Iterable[RaceProgress]) -> RaceTotals:
    """Return the sums over `races`; a candidate in two of them counts twice."""
    listed = list(races)
    return RaceTotals(
        entered=sum(len(race.entered) for race in listed),
        remaining=sum(len(race.field) for race in listed),
        finished=sum(race.finished for race in listed),
        expected=sum(race.expected for race in listed),
    )


def stopped_in(race: RaceFinished) -> int:
    """Return the number of candidates that were stopped in a finished race."""
    return sum(result.outcome == "stopped" for result in race.results)
