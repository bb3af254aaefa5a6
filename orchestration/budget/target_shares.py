"""The shares of several targets in the budget of their run.

When the stage of a target begins, what the budget has left for searches is divided by the number of targets
to come, this one included. What a target does not use goes on to the next one, and the last may use all.
"""

from collections.abc import Mapping

from ...agents.messages import Stage, TaskLoaded
from ...agents.stage_names import is_kind, stage_target
from ..config.budget_settings import Limit


class TargetShares:
    """The share of the target whose stage, or control, is under way, and what is kept for those after it."""

    def __init__(self) -> None:
        self._waiting: set[str] = set()
        """Names of the targets whose stage has not begun."""
        self._used: Mapping[Limit, float] = {}
        self.stage: Stage | None = None
        """The stage under way; None if no share limits it."""

    def apply_task(self, message: TaskLoaded) -> None:
        """Note a target."""
        if is_kind(message.stage, "target"):
            self._waiting.add(message.task.name)

    def begin(self, stage: Stage, used: Mapping[Limit, float]) -> None:
        """Begin a stage, before which so much of each limit was spent, or is held back for verdicts."""
        target = stage_target(stage)
        if target in self._waiting:
            self._waiting.remove(target)
            self._used = used
        self.stage = stage if target and self._waiting else None

    def release(self) -> None:
        """End the share, because the search for its target is over."""
        self.stage = None

    def kept(self, limits: Mapping[Limit, float]) -> dict[Limit, float]:
        """Return how much of each limit is kept for the targets to come."""
        if self.stage is None:
            return {}
        later = len(self._waiting) / (len(self._waiting) + 1)
        return {name: max(0.0, most - self._used.get(name, 0.0)) * later for name, most in limits.items()}
