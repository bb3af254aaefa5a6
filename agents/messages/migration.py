"""Migration: prompts that another model was given, on their way to a new model."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...prompts.candidate import Candidate
from .base import Message, plural
from .scores import Outcome

CarriedRole = Literal["best", "initial", "front"]
"""What a prompt was in its run: the best, the best of the user's own, or another one on the Pareto front."""


class CarriedPrompt(BaseModel):
    """A prompt of a finished run, and what it was worth there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: Candidate
    role: CarriedRole
    outcomes: tuple[Outcome, ...]
    """Its outcomes on the development examples with the old model, without outputs, feedback and traces."""


class PromptsCarried(Message):
    """The user carries the prompts of a finished run to another model. They are whole, like experience."""

    kind: Literal["prompts.carried"] = "prompts.carried"
    origin: str
    """Name of the run that they come from."""
    model: str
    """Identity of the scorer's model of that run."""
    prompts: tuple[CarriedPrompt, ...]
    """The prompts to score with the new model, the best of the old one first."""

    def gist(self) -> str:
        """Return the number of prompts and their origin."""
        return f"{plural(len(self.prompts), 'prompt')} of {self.origin}, from {self.model.partition(' ')[0]}"


class MigrationChecked(Message):
    """The curator says whether the best prompt of the old model holds on the new one."""

    kind: Literal["migration.checked"] = "migration.checked"
    candidate: str
    """Id of the best prompt of the old model."""
    regressed: tuple[str, ...]
    """The evidence that it is worse now; () if it holds, and nothing is tuned again."""

    def gist(self) -> str:
        """Return what follows, and the evidence."""
        if not self.regressed:
            return f"{self.candidate} holds on the new model: nothing is tuned again"
        return f"{self.candidate} is tuned again: {'; '.join(self.regressed)}"
