"""Scores of prompts, and the races that these scores decide."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...prompts.candidate import Candidate
from ...prompts.task import Split
from .base import Message, Purpose, Stage, plural
from .scores import Outcome, Score

_ROUNDING = 1e-6


class ScoringRequested(Message):
    """The curator asks the scorer to score one candidate on the named examples of one task."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["scoring.requested"] = "scoring.requested"
    stage: Stage
    step: int
    purpose: Purpose
    candidate: Candidate
    task: str
    split: Split
    examples: tuple[str, ...]
    """Ids of the examples."""

    def gist(self) -> str:
        """Return the candidate, the number of examples and the task."""
        on = plural(len(self.examples), f"{self.split} example")
        return f"score {self.candidate.id} on {on} of {self.task}"


class PromptScored(Message):
    """The scorer returns the score of one candidate on one task.

    The score covers all examples of the split that the candidate has answered so far. The outcomes and the
    tokens are those of the requested examples alone.
    """

    SCHEMA: ClassVar[int] = 4
    kind: Literal["prompt.scored"] = "prompt.scored"
    stage: Stage
    step: int
    purpose: Purpose
    candidate: str
    """Id of the candidate."""
    task: str
    split: Split
    score: Score
    outcomes: tuple[Outcome, ...]
    prompt_tokens: int
    completion_tokens: int
    excluded: tuple[str, ...] = ()
    """Ids of requested examples that could not be evaluated because a call failed."""
    requests: dict[str, int] = Field(default_factory=dict, exclude_if=lambda value: not value)
    """Digest of a request of the program -> its tokens. Those of equal requests are paid once in a run."""

    @property
    def seen(self) -> int:
        """Number of examples that the score rests on."""
        accuracy = self.score.measures.get("accuracy")
        return accuracy.n if accuracy else 0

    def gist(self) -> str:
        """Return the score, with the main metric if it is another number, and the number of examples."""
        of = f"on {self.seen} {self.split} examples of {self.task}"
        without = f", {len(self.excluded)} excluded" if self.excluded else ""
        return f"{self.candidate}: {self.shown()} {of}{without}"

    def shown(self) -> str:
        """Return the main metric, and the score if it is a composite, for a sentence."""
        metric, score = self.score.value("metric"), self.score.composite
        if metric is None or abs(score - metric) < _ROUNDING:
            return f"{score:.3f}"
        return f"{metric:.3f} (composite {score:.3f})"


class CandidateStopped(Message):
    """The curator takes a candidate out of a race before its end, because it can hardly win any more."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["candidate.stopped"] = "candidate.stopped"
    stage: Stage
    step: int
    candidate: str
    """Id of the candidate."""
    seen: int
    """Number of examples scored so far."""
    total: int
    """Number of examples in the whole race."""
    reason: str

    def gist(self) -> str:
        """Return the candidate, the number of examples and the reason."""
        return f"{self.candidate} stopped at {self.seen}: {self.reason}"


class RaceResult(BaseModel):
    """Result of one candidate in a race."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    """Id of the candidate."""
    operator: str
    """Operator that made the candidate."""
    outcome: Literal["stopped", "scored", "better"]
    """"stopped": taken out of the race early. "scored": scored on all examples. "better": scored on all
    examples, with sufficient evidence that it is better than its rival."""
    gain: float
    """Mean utility per example minus that of the rival, over the examples that both have answered."""
    examples: int
    """Number of examples scored."""


class RaceFinished(Message):
    """The curator has finished the race of a step: its candidates against the best prompt before it."""

    SCHEMA: ClassVar[int] = 2
    kind: Literal["race.finished"] = "race.finished"
    stage: Stage
    step: int
    against: str | None
    """Id of the prompt that all were compared with; None if they were compared with the best of them."""
    winner: str | None
    """Id of the new best prompt; None if the best prompt stays."""
    results: tuple[RaceResult, ...]
    saved: int
    """Number of examples that its candidates did not have to answer."""
    refused: str | None = None
    """Reason why the first of the race did not become the best prompt; None if nothing kept it back."""
    kept: str | None = None
    """Reason why the winner becomes the best prompt without a better score: the constraints that it keeps."""

    def gist(self) -> str:
        """Return the step, the best prompt, the number of candidates stopped and the reasons."""
        stopped = sum(result.outcome == "stopped" for result in self.results)
        best = f"{self.winner} is the best now" if self.winner else f"{self.against} stays the best"
        why = "".join(f"; {reason[:300]}" for reason in (self.refused, self.kept) if reason)
        return f"step {self.step}: {best}; {stopped} of {len(self.results)} stopped{why}"
