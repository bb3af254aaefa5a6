"""The steps of a stage: how many have begun, and what those under way are waiting for.

The opening is step 0, and is under way from the start. A later step first waits for its proposals, and for
reviews of them; then its candidates race. A restart is no step, but ends like one.
"""

from dataclasses import dataclass, field, replace

from .step_streaks import StepStreaks
from .transitions import require

OPENING = 0


@dataclass(frozen=True, slots=True)
class StageSteps:
    """The steps of a stage at one moment. Each transition returns the steps after it."""

    begun: int = 0
    """Number of steps that have begun, the opening not counted."""
    proposing: frozenset[int] = frozenset()
    """Steps that wait for proposals or reviews."""
    racing: frozenset[int] = frozenset({OPENING})
    """Steps whose candidates race."""
    restarting: bool = False
    """True if the restart is under way."""
    restarted: bool = False
    """True if there was a restart."""
    streaks: StepStreaks = field(default_factory=StepStreaks)
    """Counts of steps in a row without success."""

    @property
    def under_way(self) -> bool:
        """True if a step or the restart has not ended yet."""
        return bool(self.proposing or self.racing or self.restarting)

    def begin(self) -> "StageSteps":
        """Begin the next step, which waits for its proposals."""
        return replace(self, begun=self.begun + 1, proposing=self.proposing | {self.begun + 1})

    def end_proposals(self, step: int) -> "StageSteps":
        """Let the admitted candidates of a step race."""
        require(step in self.proposing, f"step {step} waits for no proposals")
        return replace(self, proposing=self.proposing - {step}, racing=self.racing | {step})

    def end(self, step: int) -> "StageSteps":
        """End a step."""
        require(step in self.racing, f"step {step} is not racing")
        return replace(self, racing=self.racing - {step}, streaks=self.streaks.end_step())

    def restart(self) -> "StageSteps":
        """Begin the restart, of which there is one."""
        require(not self.restarted, "the search has restarted before")
        return replace(self, restarting=True, restarted=True, streaks=self.streaks.restart())

    def end_restart(self) -> "StageSteps":
        """End the restart."""
        require(self.restarting, "no restart is under way")
        return replace(self, restarting=False, streaks=self.streaks.end_step())

    def add_race(self, *, won: bool) -> "StageSteps":
        """Count a finished race for the step that ends next."""
        return replace(self, streaks=self.streaks.add_race(won=won))
