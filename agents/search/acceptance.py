"""Whether the prompt that came out of a race first takes over: what constraints and a judge say to it."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from ..scoring.constraints import Constraint, violated
from ..scoring.evaluator import DEFAULT_WEIGHTS
from .judge_settings import MEASURED
from .race import Race
from .standings import Standings

_ROUNDING = 1e-9


def broken(candidate: str, standings: Standings, constraints: Sequence[Constraint]) -> list[str]:
    """The constraints that a candidate breaks, in words; those on what nobody has judged yet are left out."""
    vector = standings.vector(candidate)
    known = [c for c in constraints if c.measure in MEASURED or c.measure in vector.measures]
    return violated(vector, known)


def kept_instead(
    candidate: str, other: str, standings: Standings, constraints: Sequence[Constraint]
) -> list[str]:
    """By which constraints a candidate goes before another whatever they score, in words; [] where by none.

    It keeps them and the other breaks them, with evidence: the 95 % intervals of the two do not meet. And it
    breaks none that the other keeps.
    """
    mine, theirs = standings.vector(candidate), standings.vector(other)
    if any(c.holds(theirs) and not c.holds(mine) and c.measure in mine.measures for c in constraints):
        return []
    return [
        f"it keeps {c} ({mine.measures[c.measure].summary()}), which {other} breaks "
        f"({theirs.measures[c.measure].summary()})"
        for c in constraints
        if c.holds(mine)
        and not c.holds(theirs)
        and mine.measures[c.measure].apart(theirs.measures.get(c.measure))
    ]


def promising(race: Race, standings: Standings, constraints: Sequence[Constraint]) -> list[str]:
    """Who must not be stopped for its score: those that keep, so far, what the incumbent surely breaks."""
    if race.incumbent is None or not constraints:
        return []
    theirs = standings.vector(race.incumbent)
    open_ = [c for c in constraints if c.surely_broken(theirs)]
    return [id_ for id_ in race.field if any(c.holds(standings.vector(id_)) for c in open_)]


def challenger(standings: Standings, constraints: Sequence[Constraint]) -> str | None:
    """The best of the prompts that keep, with evidence, a constraint which the best of all breaks."""
    best = standings.best
    if best is None or not broken(best, standings, constraints):
        return None
    others = (s.candidate.id for s in standings.ranked() if s.examples and s.candidate.id != best)
    return next((id_ for id_ in others if kept_instead(id_, best, standings, constraints)), None)


def leader(race: Race, standings: Standings, constraints: Sequence[Constraint]) -> str | None:
    """Who came out first of a race that is over; None where the incumbent stays ahead.

    Without an incumbent all may come first; with one, whoever is ahead of it and breaks no more constraints,
    or keeps one instead. Of these it is who breaks the fewest, and of equals the best.
    """

    def rank(id_: str) -> tuple[int, float]:
        return len(broken(id_, standings, constraints)), -sum(standings.utilities(id_, race.seen))

    if race.winner is not None and race.incumbent is None:
        return min(race.field, key=rank)
    if race.incumbent is None or not constraints:
        return race.winner
    faults, theirs = rank(race.incumbent)
    fit = []
    for id_ in race.field:
        mine, lead = rank(id_)
        ahead = id_ == race.winner or (lead < theirs and len(race.seen) == race.total)
        if (ahead and mine <= faults) or kept_instead(id_, race.incumbent, standings, constraints):
            fit.append(id_)
    return min(fit, key=rank, default=race.winner)


def refusal(
    race: Race, standings: Standings, constraints: Sequence[Constraint], weights: Mapping[str, float]
) -> str | None:
    """Why the winner of a race must not take the incumbent's place; None where it may, or nobody has won.

    It must not break more constraints than the incumbent. Unless it keeps one instead, it must be ahead, and
    not have the lower weighted score once the judged dimensions that have a weight are counted in.
    """
    winner, incumbent = race.winner, race.incumbent
    if winner is None or incumbent is None:
        return None
    faults = broken(winner, standings, constraints)
    if len(faults) > len(broken(incumbent, standings, constraints)):
        return f"{winner} is held back by a constraint: {'; '.join(faults)}"
    if kept_instead(winner, incumbent, standings, constraints):
        return None
    mine, theirs = (_weighed(id_, [], race, standings, weights) for id_ in (winner, incumbent))
    if (
        mine < theirs - _ROUNDING
    ):  # It came first by a constraint, and the judge has found it to break another.
        return (
            f"{winner} scores no better than {incumbent} and breaks as many constraints: {'; '.join(faults)}"
        )
    judged = _judged_by_both(winner, incumbent, standings, weights)
    mine, theirs = (_weighed(id_, judged, race, standings, weights) for id_ in (winner, incumbent))
    if judged and mine < theirs:
        return (
            f"{winner} is held back by the judge: {mine:.3f} against {theirs:.3f} of {incumbent} "
            f"with {', '.join(judged)} counted in"
        )
    return None


def grounds(
    race: Race, standings: Standings, constraints: Sequence[Constraint], weights: Mapping[str, float]
) -> str | None:
    """Why the winner of a race takes over though it scores no better; None where it scores better."""
    winner, incumbent = race.winner, race.incumbent
    if winner is None or incumbent is None:
        return None
    kept = kept_instead(winner, incumbent, standings, constraints)
    mine, theirs = (_weighed(id_, [], race, standings, weights) for id_ in (winner, incumbent))
    if not kept or mine > theirs:
        return None
    return f"{winner} takes over at {mine:.3f} against {theirs:.3f}: {'; '.join(kept)}"


def _judged_by_both(one: str, other: str, standings: Standings, weights: Mapping[str, float]) -> list[str]:
    """The judged dimensions that have a weight and for both prompts a readable judgement."""
    vectors = standings.vector(one), standings.vector(other)
    names = [name for name, weight in weights.items() if weight and name not in DEFAULT_WEIGHTS]
    return [name for name in names if all(vector.value(name) is not None for vector in vectors)]


def _weighed(
    candidate: str, judged: Sequence[str], race: Race, standings: Standings, weights: Mapping[str, float]
) -> float:
    """The weighted score on the examples of the race, those of the `judged` dimensions included."""
    vector = standings.vector(candidate)
    measured = sum(weight for name, weight in weights.items() if name in DEFAULT_WEIGHTS)
    total = measured * fmean(standings.utilities(candidate, race.seen))
    total += sum(weights[name] * (vector.value(name) or 0.0) for name in judged)
    return total / (measured + sum(weights[name] for name in judged))
