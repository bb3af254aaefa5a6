"""The last race of a stage: its best prompt, and others that may be better, against the best of the own ones.

It is on every example: the best prompt may have won its place on a few.
"""

from collections.abc import Sequence

from ...prompts.task import Task
from ..messages import Stage
from ..scoring.constraints import Constraint
from ..stage_names import is_kind
from .acceptance import challenger
from .contenders import contenders
from .standings import Standings

_CONTENDERS = 3
"""Greatest number of prompts besides the best one that lead it on the examples that both have answered."""


def rival(stage: Stage, standings: Standings) -> str | None:
    """Return the best of the tasks' own prompts, which the best prompt has to face before the stage ends.

    Return None in a source stage: its prompts have to prove themselves in the target stage anyway.
    """
    if is_kind(stage, "source"):
        return None
    initial = (s.candidate.id for s in standings.ranked() if s.candidate.operator == "initial")
    return next(initial, None)


def runners(stage: Stage, standings: Standings, limits: Sequence[Constraint]) -> list[str]:
    """Return the prompts that race against the rival; none if the stage has none, or nothing but it.

    If the best prompt breaks a constraint, one that keeps it takes part too.
    """
    own = rival(stage, standings)
    if own is None or standings.best is None:
        return []
    found = (standings.best, *contenders(standings, _CONTENDERS), challenger(standings, limits))
    return [id_ for id_ in dict.fromkeys(found) if id_ not in (None, own)]


def unanswered(stage: Stage, standings: Standings, tasks: Sequence[Task]) -> dict[str, int]:
    """Return the number of examples that each prompt of the last race has yet to answer: id -> number.

    The result is empty when there is nothing to race for: no rival, or the rival is the best prompt.
    """
    own, racing = rival(stage, standings), runners(stage, standings, ())
    if own is None or not racing:
        return {}
    keys = [(task.name, example.id) for task in tasks for example in task.dev]
    return {id_: sum(key not in standings.answered(id_) for key in keys) for id_ in (*racing, own)}
