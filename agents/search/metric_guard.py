"""The guard of the main metric in a stage: a prompt that is credibly worse in it takes over from none.

It holds whatever the objective, the constraints, the price of tokens or the judge say.
"""

from collections.abc import Iterable, Sequence
from statistics import fmean

from ..scoring.guard import worse
from .standings import Standings


def credibly_worse(candidate: str, other: str | None, standings: Standings, rivals: int = 1) -> str | None:
    """Return the evidence that `candidate` is worse in the main metric than `other`, as text, or None.

    It rests on the examples that both have answered. The level of the test is divided by the number of
    `rivals` that the candidate is compared with.
    """
    if other is None:
        return None
    mine, others = standings.shared(candidate, other)
    p_value = worse(mine, others, standings.guard_level / rivals)
    if p_value is None:
        return None
    values = (fmean(outcome.value for outcome in outcomes) for outcomes in (mine, others))
    value, to_beat = (f"{value:.3f}" for value in values)
    return (
        f"{candidate} is held back by its {standings.title}: {value} against {to_beat} of {other} on the "
        f"{len(mine)} examples that both answered, p = {p_value:.2g}"
    )


def worse_than_any(candidate: str, others: Iterable[str | None], standings: Standings) -> str | None:
    """Return the evidence that `candidate` is worse in the main metric than one of `others`, or None."""
    found = (credibly_worse(candidate, id_, standings) for id_ in others if id_ != candidate)
    return next(filter(None, found), None)


def not_worse(candidates: Sequence[str], standings: Standings) -> list[str]:
    """Return the candidates that are not credibly worse in the main metric than another one.

    The level of the tests is divided by the number of rivals that each has.
    """
    rivals = max(1, len(candidates) - 1)
    return [
        id_
        for id_ in candidates
        if not any(credibly_worse(id_, other, standings, rivals) for other in candidates if other != id_)
    ]
