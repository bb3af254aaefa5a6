"""Contenders: prompts that are ahead of the best one on the examples that both have answered.

The best prompt may owe its place to a race of fifteen examples. Once both have answered more, the prompt that
it took over from can turn out to be the better one, and races it again.
"""

from ...prompts.sums import summed
from .metric_guard import credibly_worse
from .standings import Standings

_SHARED = 20
"""Least number of examples on which a lead counts."""
_DOUBT = 20
"""Number of examples at which half of a lead is believed."""


def contenders(standings: Standings, most: int) -> list[str]:
    """Return at most so many prompts that lead the best one on shared examples, the greatest lead first.

    None of them is credibly worse than it in the main metric.
    """
    best = standings.best
    if best is None:
        return []
    leads = {id_: _lead(id_, best, standings) for id_ in standings.ids if id_ != best}
    ahead = sorted((id_ for id_, lead in leads.items() if lead > 0), key=lambda id_: -leads[id_])
    return [id_ for id_ in ahead if not credibly_worse(id_, best, standings)][:most]


def _lead(candidate: str, best: str, standings: Standings) -> float:
    """Return the lead in utility on shared examples, drawn towards zero; 0 if they are few."""
    mine, others = standings.answered(candidate), standings.answered(best)
    shared = [key for key in mine if key in others]
    if len(shared) < _SHARED:
        return 0.0
    lead = summed(standings.utilities(candidate, shared)) - summed(standings.utilities(best, shared))
    return lead / (len(shared) + _DOUBT)
