"""Life of a run: its start, its tasks, its interruptions and its continuation."""

from typing import Any, ClassVar, Literal

from ...prompts.task import Task
from .base import Message, Stage, plural


class RunStarted(Message):
    """The user starts a run. Together with the tasks that follow, it holds all that a repetition needs."""

    SCHEMA: ClassVar[int] = 2
    """Schema 2 has several targets."""
    kind: Literal["run.started"] = "run.started"
    name: str
    """Name in the configuration."""
    seed: int
    config: dict[str, Any]
    """Configuration with all defaults, but without the place of the log."""
    source_tasks: tuple[str, ...]
    target_tasks: tuple[str, ...]
    models: dict[str, str]
    """Role -> identity of its model."""
    versions: dict[str, str]
    """Package -> version."""

    def gist(self) -> str:
        """Return the name of the run and its tasks."""
        sources = " + ".join(self.source_tasks) or "no source"
        return f"start {self.name}: {sources} -> {', '.join(self.target_tasks)}"


class TaskLoaded(Message):
    """A task is loaded, with all examples that the run may use. So the log can be replayed by itself."""

    SCHEMA: ClassVar[int] = 5
    """Schema 2 adds `Example.alternatives`, schema 3 requests, columns and metrics of the task's own.

    In schema 4 a stage may be that of one of several targets, and schema 5 adds headers of programs.
    """
    kind: Literal["task.loaded"] = "task.loaded"
    task: Task
    stage: Stage
    origin: str
    """Name under which the configuration asked for the task."""
    digest: str
    """Digest of the task and its examples, see `Task.digest`."""

    def gist(self) -> str:
        """Return the task and the sizes of its splits."""
        task = self.task
        sizes = f"{len(task.train)} train, {len(task.dev)} dev, {len(task.test)} test"
        return f"{self.stage} task {task.name}: {sizes}"


class RunResumed(Message):
    """The user resumes a run after a crash or a failure."""

    kind: Literal["run.resumed"] = "run.resumed"
    reissued: tuple[str, ...]
    """Ids of the calls without a result, which are sent again."""
    versions: dict[str, str]
    """Package -> version."""
    budget: dict[str, float] | None = None
    """Limit -> amount, for the limits that hold from now on; None if the user has not changed them."""

    def gist(self) -> str:
        """Return the number of calls to be sent again, and the new limits."""
        limits = ", ".join(f"{name} {limit:,.10g}" for name, limit in (self.budget or {}).items())
        budget = f"; the budget is now {limits}" if limits else ""
        return f"resume; {plural(len(self.reissued), 'call')} without a result to be asked again{budget}"


class BudgetExhausted(Message):
    """The budget cannot pay for the next call. The search ends here, with the best prompt so far.

    The reserve is then spent on the final comparison. If the share of one of several targets has ended, only
    the search for that target does.
    """

    SCHEMA: ClassVar[int] = 2
    kind: Literal["budget.exhausted"] = "budget.exhausted"
    limit: Literal["tokens", "money", "calls", "seconds"]
    """Limit that was reached."""
    budget: float
    """The limit; for a share, how much the run may have spent and held back when it ends."""
    spent: float
    reserved: float
    """Amount held back for the final comparison."""
    stage: Stage | None = None
    """Stage of the target whose share has ended; None if the whole budget has."""

    def gist(self) -> str:
        """Return the limit, the amount spent and the reserve."""
        whole = f"the budget of {self.budget:,.10g} {self.limit} has ended"
        share = f"the {self.stage} stage has used its share of the {self.limit} in the budget"
        return (
            f"{share if self.stage else whole}: {self.spent:,.10g} spent, "
            f"{self.reserved:,.10g} held back for the verdict"
        )


class RunFailed(Message):
    """The run has stopped on an error outside the agents, such as a model that does not reply.

    It can be resumed.
    """

    kind: Literal["run.failed"] = "run.failed"
    cause: str
    error: str
    count: int
    """Number of failures of this run so far, this one included."""

    def gist(self) -> str:
        """Return the error."""
        return f"stopped: {self.error}"


class HandlerFailed(Message):
    """A handler of an agent has raised an exception, and the run has stopped."""

    kind: Literal["handler.failed"] = "handler.failed"
    agent: str
    event: str
    """Id of the event that was being handled."""
    error: str
    traceback: str

    def gist(self) -> str:
        """Return the agent and the error."""
        return f"{self.agent} failed: {self.error}"
