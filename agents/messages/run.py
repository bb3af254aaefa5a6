"""How a run begins, is interrupted and goes on."""

from typing import Any, Literal

from ...prompts.task import Task
from .base import Message, Stage, counted


class RunStarted(Message):
    """The user starts a run. Everything needed to run it again is here and in the tasks that follow."""

    kind: Literal["run.started"] = "run.started"
    name: str
    seed: int
    config: dict[str, Any]
    source_tasks: tuple[str, ...]
    target_task: str
    models: dict[str, str]
    """Role -> identity of its model."""
    versions: dict[str, str]
    """Package -> version."""

    def gist(self) -> str:
        return f"start {self.name}: {' + '.join(self.source_tasks) or 'no source'} -> {self.target_task}"


class TaskLoaded(Message):
    """A task with the examples that this run may use: a log needs no file beside it to be replayed."""

    kind: Literal["task.loaded"] = "task.loaded"
    task: Task
    stage: Stage
    origin: str
    digest: str

    def gist(self) -> str:
        t = self.task
        return f"{self.stage} task {t.name}: {len(t.train)} train, {len(t.dev)} dev, {len(t.test)} test"


class RunResumed(Message):
    """A run goes on after a crash or a failure; `reissued` names the calls that had no result.

    `budget` holds the limits that hold from now on, where the user has changed them.
    """

    kind: Literal["run.resumed"] = "run.resumed"
    reissued: tuple[str, ...]
    versions: dict[str, str]
    budget: dict[str, float] | None = None

    def gist(self) -> str:
        limits = ", ".join(f"{name} {limit:,.10g}" for name, limit in (self.budget or {}).items())
        budget = f"; the budget is now {limits}" if limits else ""
        return f"resume; {counted(len(self.reissued), 'call')} without a result to be asked again{budget}"


class BudgetExhausted(Message):
    """The next call could not be paid any more: the search ends here, with the best so far.

    What was held back is then spent on the final comparison.
    """

    kind: Literal["budget.exhausted"] = "budget.exhausted"
    limit: Literal["tokens", "money", "calls", "seconds"]
    """Which of the limits it is."""
    budget: float
    spent: float
    reserved: float
    """What is held back for the final comparison."""

    def gist(self) -> str:
        return (
            f"the budget of {self.budget:,.10g} {self.limit} has ended: {self.spent:,.10g} spent, "
            f"{self.reserved:,.10g} held back for the verdict"
        )


class RunFailed(Message):
    """The run stopped on an error outside the agents; it can be resumed."""

    kind: Literal["run.failed"] = "run.failed"
    cause: str
    error: str
    count: int
    """How often this run has failed so far, this time included."""

    def gist(self) -> str:
        return f"stopped: {self.error}"


class HandlerFailed(Message):
    """An agent's handler raised; the run stops. `event` is the id of what it was handling."""

    kind: Literal["handler.failed"] = "handler.failed"
    agent: str
    event: str
    error: str
    traceback: str

    def gist(self) -> str:
        return f"{self.agent} failed: {self.error}"
