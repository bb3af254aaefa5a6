"""What is held back for the final comparisons that are still to come, one for each target of a run."""

from collections.abc import Callable

from ...agents.messages import CallFinished, ScoringRequested, TaskLoaded
from ...agents.models.base import ModelRequest
from ...agents.models.tariff import Cost
from ...agents.search.settings import SearchSettings
from ...agents.stage_names import is_kind
from ..calls.model_pool import ModelPool
from .execution_costs import ExecutionCosts
from .final_reserve import FinalReserve
from .judge_reserve import JudgeReserve


class Reserves:
    """The reserves of the targets whose final comparison has not begun."""

    def __init__(self, settings: SearchSettings, pool: ModelPool, executions: ExecutionCosts) -> None:
        self._make: Callable[[], tuple[FinalReserve, JudgeReserve]] = lambda: (
            FinalReserve(settings, pool, executions),
            JudgeReserve(settings, pool),
        )
        self._due: dict[str, tuple[FinalReserve, JudgeReserve]] = {}
        """Reserves for the finalists and for judges, by the name of the target's task."""

    def apply_task(self, message: TaskLoaded) -> None:
        """Begin to hold back for a target."""
        if is_kind(message.stage, "target"):
            self._due[message.task.name] = finalists, judges = self._make()
            finalists.apply_task(message)
            judges.apply_task(message)

    def apply_scoring(self, message: ScoringRequested) -> None:
        """Note a prompt that may become a finalist, or that a final comparison has begun."""
        if message.purpose == "final":
            self._due.pop(message.task, None)
        elif message.task in self._due:
            self._due[message.task][0].apply_scoring(message)

    def apply_reply(self, request: ModelRequest, message: CallFinished) -> None:
        """Learn from a reply to the scorer."""
        for finalists, _ in self._due.values():
            finalists.apply_reply(request, message)

    def apply_judgement(self, request: ModelRequest, message: CallFinished) -> None:
        """Learn from a reply to a judge."""
        for _, judges in self._due.values():
            judges.apply_reply(request, message)

    def cost(self) -> Cost:
        """Return the amount to hold back."""
        return sum((one.cost() for pair in self._due.values() for one in pair), Cost())

    def seconds(self) -> float:
        """Return the seconds to hold back at the present pace."""
        return sum(one.seconds() for pair in self._due.values() for one in pair)
