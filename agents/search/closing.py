"""The reasons to close a stage, and what of its budgets is kept for the last race."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..messages import Spent
from ..messages.base import plural
from .settings import StageSettings
from .stage_steps import StageSteps
from .standings import Standings

_MAX_WITHOUT_NEW = 3
"""Number of steps in a row without a new prompt that close a stage."""


@dataclass(frozen=True, slots=True)
class Due:
    """Costs to come: those of the steps under way and of the last race, and those of one more step."""

    evaluations: int
    tokens: int
    step: tuple[int, int] = (0, 0)
    """Evaluations and tokens that must be left for another step."""


def due(standings: Standings, spent: Spent, unanswered: Mapping[str, int], begun: int, step: int = 0) -> Due:
    """Return the costs to come.

    `unanswered` maps the prompts of the last race to the number of examples that each has yet to answer;
    `begun` is the number of evaluations that the steps under way will still take, and `step` the number that
    another one must have.
    """
    tokens = sum(count * standings.rate(id_) for id_, count in unanswered.items())
    mean = spent.answers / spent.evaluations if spent.evaluations else 0.0
    # New prompts are made from the best one, and cost about as much.
    mean = max(mean, standings.rate(standings.best) if standings.best else 0.0)
    return Due(
        evaluations=sum(unanswered.values()) + begun,
        tokens=round(tokens + begun * mean),
        step=(step, round(step * mean)),
    )


def reason_to_close(
    plan: StageSettings, budget: Spent | None, steps: StageSteps, spent: Spent, due: Due
) -> str | None:
    """Return the reason to begin no further step, or None.

    With a `budget` (that of a control) the stage ends when it has cost as much, however many steps it takes.
    """
    streaks = steps.streaks
    if streaks.without_new >= _MAX_WITHOUT_NEW:
        return f"{streaks.without_new} steps without a new prompt"
    if reason := _plan_used_up(plan, spent, due):
        return reason
    if budget is not None:
        return _budget_used_up(budget, spent, due)
    if steps.begun >= plan.steps:
        return "all steps done"
    if streaks.without_better >= plan.patience:
        return f"{plural(streaks.without_better, 'step')} without a better prompt"
    return None


def _plan_used_up(plan: StageSettings, spent: Spent, due: Due) -> str | None:
    evaluations, tokens = due.evaluations + due.step[0], due.tokens + due.step[1]
    if plan.budget is not None and spent.evaluations + evaluations >= plan.budget:
        return f"{spent.evaluations} evaluations{_kept(due.evaluations)}, with a budget of {plan.budget}"
    if plan.tokens is not None and spent.answers + tokens >= plan.tokens:
        return f"{spent.answers} tokens{_kept(due.tokens)}, with a budget of {plan.tokens}"
    return None


def _budget_used_up(budget: Spent, spent: Spent, due: Due) -> str | None:
    # Some models count no tokens. Evaluations are then the only measure.
    if budget.tokens:
        used_up, kept = spent.tokens + due.tokens + due.step[1] >= budget.tokens, due.tokens
    else:
        evaluations = spent.evaluations + due.evaluations + due.step[0]
        used_up, kept = evaluations >= budget.evaluations, due.evaluations
    return f"{spent} spent{_kept(kept)}, with a budget of {budget}" if used_up else None


def _kept(count: int) -> str:
    return f" and {count} for the last race" if count else ""
