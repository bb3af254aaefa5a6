"""Whether the prompt that came out of a race first takes over: what constraints and a judge say to it."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from .constraints import Constraint, violated
from .evaluator import DEFAULT_WEIGHTS
from .judge_settings import MEASURED
from .race import Race
from .standings import Standings


def broken(candidate: str, standings: Standings, constraints: Sequence[Constraint]) -> list[str]:
    """The constraints that a candidate breaks, in words; those on what nobody has judged yet are left out."""
    vector = standings.vector(candidate)
    known = [c for c in constraints if c.measure in MEASURED or c.measure in vector.measures]
    return violated(vector, known)


def leader(race: Race, standings: Standings, constraints: Sequence[Constraint]) -> str | None:
    """Who came out first of a race that is over; None where the incumbent stays ahead.

    Without an incumbent it is, of those left, whoever breaks the fewest constraints, and of these the best.
    """
    if race.winner is None or race.incumbent is not None:
        return race.winner

    def rank(id_: str) -> tuple[int, float]:
        return len(broken(id_, standings, constraints)), -sum(standings.utilities(id_, race.seen))

    return min(race.field, key=rank)


def refusal(
    race: Race, standings: Standings, constraints: Sequence[Constraint], weights: Mapping[str, float]
) -> str | None:
    """Why the winner of a race must not take the incumbent's place; None where it may, or nobody has won.

    It must not break more constraints than the incumbent, nor have the lower weighted score once the judged
    dimensions that have a weight are counted in.
    """
    winner, incumbent = race.winner, race.incumbent
    if winner is None or incumbent is None:
        return None
    faults = broken(winner, standings, constraints)
    if len(faults) > len(broken(incumbent, standings, constraints)):
        return f"{winner} is held back by a constraint: {'; '.join(faults)}"
    judged = _judged_by_both(winner, incumbent, standings, weights)
    mine, theirs = (_weighed(id_, judged, race, standings, weights) for id_ in (winner, incumbent))
    if judged and mine < theirs:
        return (
            f"{winner} is held back by the judge: {mine:.3f} against {theirs:.3f} of {incumbent} "
            f"with {', '.join(judged)} counted in"
        )
    return None


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
