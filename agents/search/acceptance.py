"""The acceptance rules: whether the winner of a race becomes the best prompt.

The utilities of a race are not all that counts. No prompt takes over that is credibly worse in the main
metric (see `metric_guard`). A winner must not break more constraints than the incumbent, and a prompt may
replace an incumbent with a higher score if it keeps a constraint that the incumbent breaks, provided that the
95 % intervals of the two do not overlap. Judged dimensions that have a weight are added to the score before
the last comparison.
"""

from collections.abc import Mapping, Sequence

from ...prompts.sums import summed
from ..scoring.constraints import Constraint, violated
from .metric_guard import credibly_worse, not_worse, worse_than_any
from .race import Race
from .standings import Standings
from .wording_settings import MEASURED

_ROUNDING = 1e-9


def broken(candidate: str, standings: Standings, constraints: Sequence[Constraint]) -> list[str]:
    """Return the constraints that a candidate breaks, as text.

    Constraints on dimensions that were not judged yet are left out.
    """
    vector = standings.vector(candidate)
    known = [c for c in constraints if c.measure in MEASURED or c.measure in vector.measures]
    return violated(vector, known)


def kept_instead(
    candidate: str, other: str, standings: Standings, constraints: Sequence[Constraint]
) -> list[str]:
    """Return the constraints, as text, for which a candidate is preferred to another whatever they score.

    These are the constraints that the candidate keeps and the other one breaks, with 95 % intervals that do
    not overlap. The result is empty if the candidate breaks a constraint that the other one keeps.
    """
    mine, others = standings.vector(candidate), standings.vector(other)
    if any(c.holds(others) and not c.holds(mine) and c.measure in mine.measures for c in constraints):
        return []
    return [
        f"it keeps {c} ({mine.measures[c.measure].summary()}), which {other} breaks "
        f"({others.measures[c.measure].summary()})"
        for c in constraints
        if c.holds(mine)
        and not c.holds(others)
        and mine.measures[c.measure].apart(others.measures.get(c.measure))
    ]


def exempt_from_stopping(race: Race, standings: Standings, constraints: Sequence[Constraint]) -> list[str]:
    """Return the candidates of a race that must not be stopped for their utility.

    They keep, so far, a constraint that the incumbent surely breaks, and may win for it.
    """
    if race.incumbent is None or not constraints:
        return []
    incumbent = standings.vector(race.incumbent)
    surely_broken = [c for c in constraints if c.surely_broken(incumbent)]
    return [id_ for id_ in race.field if any(c.holds(standings.vector(id_)) for c in surely_broken)]


def challenger(standings: Standings, constraints: Sequence[Constraint]) -> str | None:
    """Return the highest ranked prompt that seems to break fewer constraints than the best one does.

    On the few examples of a short race no prompt can be sure to keep one; the last race is long enough.
    """
    best = standings.best
    if best is None or not (faults := len(broken(best, standings, constraints))):
        return None
    others = (s.candidate.id for s in standings.ranked() if s.examples and s.candidate.id != best)
    for id_ in others:
        fewer = len(broken(id_, standings, constraints)) < faults
        if fewer and not credibly_worse(id_, best, standings):
            return id_
    return None


def race_winner(race: Race, standings: Standings, constraints: Sequence[Constraint]) -> str | None:
    """Return the winner of a race that is over, constraints included; None if the incumbent stays ahead.

    With an incumbent a candidate can win if it is ahead and breaks no more constraints, or if it keeps one
    instead; without an incumbent all can. None can that is credibly worse in the main metric than the
    incumbent. The winner is the candidate that breaks the fewest constraints; among those the one with the
    highest utility that is not credibly worse than another of them.
    """
    to_beat = (race.incumbent, standings.best)
    ranked = _eligible(race, standings, constraints)
    sound = [id_ for id_ in ranked if not worse_than_any(id_, to_beat, standings)]
    if not sound:
        return race.winner
    faults = {id_: len(broken(id_, standings, constraints)) for id_ in sound}
    fewest = [id_ for id_ in sound if faults[id_] == faults[sound[0]]]
    return next(iter(not_worse(fewest, standings)), sound[0])


def held_back(race: Race, standings: Standings, constraints: Sequence[Constraint]) -> str | None:
    """Return why the main metric keeps the first of a race from winning it, as text, or None."""
    ranked = _eligible(race, standings, constraints)
    if not ranked or race.winner == ranked[0]:
        return None
    return worse_than_any(ranked[0], (race.incumbent, standings.best, race.winner, *ranked), standings)


def first_sound(standings: Standings, candidates: Sequence[str]) -> str:
    """Return the highest ranked of `candidates` that is not credibly worse in the main metric than others."""
    ranked = [s.candidate.id for s in standings.ranked() if s.candidate.id in candidates]
    return next(iter(not_worse(ranked, standings)), ranked[0])


def _eligible(race: Race, standings: Standings, constraints: Sequence[Constraint]) -> list[str]:
    """Return the candidates that can win, from the first, before the main metric is looked at."""

    def rank(id_: str) -> tuple[int, float]:
        return len(broken(id_, standings, constraints)), -summed(standings.utilities(id_, race.seen))

    if race.winner is None and (race.incumbent is None or not constraints):
        return []
    if race.incumbent is None:
        return sorted(race.field, key=rank)
    allowed_faults, to_beat = rank(race.incumbent)
    eligible = []
    for id_ in race.field:
        faults, lead = rank(id_)
        ahead = id_ == race.winner or (lead < to_beat and len(race.seen) == race.total)
        if (ahead and faults <= allowed_faults) or kept_instead(id_, race.incumbent, standings, constraints):
            eligible.append(id_)
    return sorted(eligible, key=rank)


def reason_to_refuse(
    race: Race, standings: Standings, constraints: Sequence[Constraint], weights: Mapping[str, float]
) -> str | None:
    """Return why the winner of a race must not replace the incumbent; None if it may, or if there is none.

    It must not be credibly worse in the main metric, nor break more constraints than the incumbent. Unless it
    keeps one instead, it must not have the lower weighted score, neither without nor with the judged
    dimensions that have a weight.
    """
    winner, incumbent = race.winner, race.incumbent
    if winner is None or incumbent is None:
        return None
    if worse := worse_than_any(winner, (incumbent, standings.best), standings):
        return worse
    faults = broken(winner, standings, constraints)
    if len(faults) > len(broken(incumbent, standings, constraints)):
        return f"{winner} is held back by a constraint: {'; '.join(faults)}"
    if kept_instead(winner, incumbent, standings, constraints):
        return None
    score, to_beat = (_weighted(id_, [], race, standings, weights) for id_ in (winner, incumbent))
    if score < to_beat - _ROUNDING:
        # It won for a constraint, and the judge has found since that it breaks another.
        return (
            f"{winner} scores no better than {incumbent} and breaks as many constraints: {'; '.join(faults)}"
        )
    judged = _judged_of_both(winner, incumbent, standings, weights)
    score, to_beat = (_weighted(id_, judged, race, standings, weights) for id_ in (winner, incumbent))
    if judged and score < to_beat:
        return (
            f"{winner} is held back by the wording judge: {score:.3f} against {to_beat:.3f} of {incumbent} "
            f"with {', '.join(judged)} counted in"
        )
    return None


def reason_to_accept(
    race: Race, standings: Standings, constraints: Sequence[Constraint], weights: Mapping[str, float]
) -> str | None:
    """Return why the winner of a race replaces the incumbent though it scores no better, or None."""
    winner, incumbent = race.winner, race.incumbent
    if winner is None or incumbent is None:
        return None
    kept = kept_instead(winner, incumbent, standings, constraints)
    score, to_beat = (_weighted(id_, [], race, standings, weights) for id_ in (winner, incumbent))
    if not kept or score > to_beat:
        return None
    return f"{winner} takes over at {score:.3f} against {to_beat:.3f}: {'; '.join(kept)}"


def _judged_of_both(one: str, other: str, standings: Standings, weights: Mapping[str, float]) -> list[str]:
    """Return the judged dimensions that have a weight and a readable judgement of both prompts."""
    of_both = standings.judged(one), standings.judged(other)
    names = [name for name, weight in weights.items() if weight]
    return [n for n in names if all(n in judged and judged[n].value is not None for judged in of_both)]


def _weighted(
    candidate: str, judged: Sequence[str], race: Race, standings: Standings, weights: Mapping[str, float]
) -> float:
    """Return the weighted score on the examples of the race, with the `judged` dimensions."""
    found = standings.judged(candidate)
    measured = summed(weight for name, weight in weights.items() if name not in found)
    total = measured * standings.mean_utility(candidate, race.seen)
    total += summed(weights[name] * (found[name].value or 0.0) for name in judged)
    return total / (measured + summed(weights[name] for name in judged))
