"""Merging: the curator's request to word a prompt and its rules as one instruction, and the answer."""

from typing import Literal

from pydantic import Field

from ...prompts.candidate import Candidate
from ..experience.lessons import Lesson
from .base import Message, Stage, plural


class MergeRequested(Message):
    """The curator asks the reference agent to word rules from elsewhere and a prompt as one instruction."""

    kind: Literal["merge.requested"] = "merge.requested"
    into: Stage
    """Stage that the merged prompt enters."""
    task: str
    own: Candidate
    """The target's own first prompt."""
    edited: Candidate
    """The same prompt with the rules added as they are. It stands if the model has no better wording."""
    rules: tuple[Lesson, ...]

    def gist(self) -> str:
        """Return the prompt and the number of its rules."""
        return f"please word {self.own.id} and {plural(len(self.rules), 'rule')} as one instruction"


class MergeMade(Message):
    """The reference agent returns the merged prompt, or the reason why there is none."""

    kind: Literal["merge.made"] = "merge.made"
    into: Stage
    candidate: Candidate | None
    """The merged prompt; None if the rules are to be added as they are."""
    reason: str = ""
    """Reason why there is none."""
    prompt_tokens: int = Field(default=0, ge=0)
    """Tokens of the requests made for it."""
    completion_tokens: int = Field(default=0, ge=0)

    def gist(self) -> str:
        """Return the prompt, or why there is none."""
        if self.candidate is None:
            return f"the rules are added as they are: {self.reason}"
        return f"{self.candidate.id} says it in one instruction"
