"""The results of a finished race, one for each candidate, against the prompt that it had to beat."""

from collections.abc import Sequence
from typing import Literal

from ..messages import RaceResult
from ..scoring.sequential import alpha_spending, e_value
from .race import Race
from .standings import Standings

_ALPHA = 0.05
"""Highest probability that a run ever calls a prompt "better" that is not."""

Outcome = Literal["stopped", "scored", "better"]


def race_results(race: Race, standings: Standings, claims: int) -> tuple[tuple[RaceResult, ...], int]:
    """Return the result of every candidate, and the number of claims tested in the run after this race.

    Each candidate that was not stopped is tested for being better than the incumbent; `claims` is the number
    of such tests before the race. A race without an incumbent tests nothing, and gains are measured against
    its winner.
    """
    reference = race.incumbent or race.winner
    assert reference is not None
    results = []
    for id_ in race.entered:
        seen = race.seen[: race.stopped.get(id_, len(race.seen))]
        utilities, reference_utilities = standings.utilities(id_, seen), standings.utilities(reference, seen)
        differences = [one - other for one, other in zip(utilities, reference_utilities, strict=True)]
        outcome: Outcome = "stopped" if id_ in race.stopped else "scored"
        if outcome == "scored" and race.incumbent:
            claims += 1
            outcome = _tested(differences, claims)
        results.append(
            RaceResult(
                candidate=id_,
                operator=standings[id_].operator,
                outcome=outcome,
                gain=standings.mean_utility(id_, seen) - standings.mean_utility(reference, seen),
                examples=len(seen),
            )
        )
    return tuple(results), claims


def _tested(differences: Sequence[float], claims: int) -> Outcome:
    return "better" if e_value(differences) >= 1 / alpha_spending(claims, _ALPHA) else "scored"
