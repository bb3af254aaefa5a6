"""Scores, and the races that they decide."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ...prompts.candidate import Candidate
from ...prompts.task import Split
from .base import Message, Purpose, Stage, counted
from .scores import Outcome, Score


class ScoringRequested(Message):
    """The curator asks for the score of one candidate on the named examples of one task."""

    kind: Literal["scoring.requested"] = "scoring.requested"
    stage: Stage
    step: int
    purpose: Purpose
    candidate: Candidate
    task: str
    split: Split
    examples: tuple[str, ...]

    def gist(self) -> str:
        on = counted(len(self.examples), f"{self.split} example")
        return f"score {self.candidate.id} on {on} of {self.task}"


class PromptScored(Message):
    """The scorer's verdict: the score vector over all that the candidate has answered of this split so far.

    `outcomes` and the numbers of tokens are those of the examples of this request alone.
    """

    kind: Literal["prompt.scored"] = "prompt.scored"
    stage: Stage
    step: int
    purpose: Purpose
    candidate: str
    task: str
    split: Split
    score: Score
    outcomes: tuple[Outcome, ...]
    prompt_tokens: int
    completion_tokens: int
    excluded: tuple[str, ...] = ()
    """Examples of the request that could not be evaluated, because a call had failed."""

    @property
    def seen(self) -> int:
        """The number of examples that the score rests on."""
        return self.score.measures["accuracy"].n

    def gist(self) -> str:
        accuracy = self.score.value("accuracy")
        shown = "undefined" if accuracy is None else f"{accuracy:.2f}"
        of = f"on {self.seen} {self.split} examples of {self.task}"
        without = f", {len(self.excluded)} excluded" if self.excluded else ""
        return f"{self.candidate}: score {self.score.composite:.3f}, accuracy {shown} {of}{without}"


class CandidateStopped(Message):
    """The curator takes a candidate out of the race: asking it the rest of the examples would not pay."""

    kind: Literal["candidate.stopped"] = "candidate.stopped"
    stage: Stage
    step: int
    candidate: str
    seen: int
    total: int
    reason: str

    def gist(self) -> str:
        return f"{self.candidate} stopped at {self.seen}: {self.reason}"


class RaceResult(BaseModel):
    """How a candidate came out of a race over `examples` examples.

    `gain` is its mean per-example utility minus that of the prompt it raced against, over the examples
    that both have seen. "stopped": it could no longer win; "scored": it was in to the end; "better": it was,
    and the evidence that it is better holds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    candidate: str
    operator: str
    outcome: Literal["stopped", "scored", "better"]
    gain: float
    examples: int


class RaceFinished(Message):
    """The curator has raced the candidates of a step against the best prompt before it."""

    kind: Literal["race.finished"] = "race.finished"
    stage: Stage
    step: int
    against: str | None
    """The prompt that all were compared with; None where the best of themselves was."""
    winner: str | None
    """Who is the best prompt from now on; None where nobody beat the one before."""
    results: tuple[RaceResult, ...]
    saved: int
    """Examples that its candidates did not have to answer."""
    refused: str | None = None
    """Why the prompt that came out first did not take over; None where it did, or where none did."""
    kept: str | None = None
    """Why the winner takes over though it scores no better: the constraints that it keeps instead."""

    def gist(self) -> str:
        stopped = sum(result.outcome == "stopped" for result in self.results)
        best = f"{self.winner} is the best now" if self.winner else f"{self.against} stays the best"
        why = "".join(f"; {said[:300]}" for said in (self.refused, self.kept) if said)
        return f"step {self.step}: {best}; {stopped} of {len(self.results)} stopped{why}"
