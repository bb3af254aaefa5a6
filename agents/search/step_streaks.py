"""Counts of steps in a row that brought no better prompt, or no new prompt at all."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class StepStreaks:
    """Two streaks of a stage's steps: a race that is won ends the one, any race ends the other."""

    without_better: int = 0
    """Number of steps in a row without a better prompt."""
    without_new: int = 0
    """Number of steps in a row without a race."""
    raced: bool = False
    """True if a race was finished since a step last ended."""
    won: bool = False
    """True if such a race had a winner."""

    def add_race(self, *, won: bool) -> "StepStreaks":
        """Count a finished race for the step that ends next."""
        return replace(self, raced=True, won=self.won or won)

    def end_step(self) -> "StepStreaks":
        """End a step: each streak goes on, or begins again at zero."""
        return StepStreaks(
            without_better=0 if self.won else self.without_better + 1,
            without_new=0 if self.raced else self.without_new + 1,
        )

    def restart(self) -> "StepStreaks":
        """Give the search its full patience again."""
        # The race of the other prompts is no step: without a winner it leaves the streak at zero.
        return replace(self, without_better=-1)
