"""The last race of a stage: its best prompt against the best of the tasks' own, on every example."""

from collections.abc import Sequence

from ...prompts.task import Task
from ..messages import Stage
from ..stage_names import is_kind
from .standings import Standings


def rival(stage: Stage, standings: Standings) -> str | None:
    """Return the best of the tasks' own prompts, which the best prompt has to face before the stage ends.

    Return None in a source stage: its prompts have to prove themselves in the target stage anyway.
    """
    if is_kind(stage, "source"):
        return None
    initial = (s.candidate.id for s in standings.ranked() if s.candidate.operator == "initial")
    return next(initial, None)


def unanswered(stage: Stage, standings: Standings, tasks: Sequence[Task]) -> dict[str, int]:
    """Return the number of examples that the best prompt and its rival have yet to answer: id -> number.

    The result is empty when there is nothing to race for: no rival, or the rival is the best prompt.
    """
    best, other = standings.best, rival(stage, standings)
    if best is None or other is None or best == other:
        return {}
    keys = [(task.name, example.id) for task in tasks for example in task.dev]
    return {id_: sum(key not in standings.answered(id_) for key in keys) for id_ in (best, other)}
