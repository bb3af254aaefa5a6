"""Messages: the immutable facts that agents and the runtime exchange, and that the log keeps.

Each message class has a literal `kind` and is stored as JSON together with `SCHEMA`, the number of its shape.
Its `gist` gives its meaning in one line. One module a topic: `run`, `stages`, `proposals`, `reviews`, `races`
(scores among them), `judgements`, `experience`, `merging`, `migration`, `calls` and `lineage`;
`agents.stage_names` says how stages are called. `codec` encodes and decodes messages.
"""

from typing import Annotated

from pydantic import Field

from .base import Message, Purpose, Stage
from .calls import BackendProbed, CallAttempted, CallFailed, CallFinished, CallRequested
from .doubts import GoldDoubted
from .experience import ExperienceApplied, ExperienceLoaded
from .judgements import JudgementRequested, PromptJudged
from .lineage import EventRedacted, ForkMade, RunForked, RunImported
from .merging import MergeMade, MergeRequested
from .migration import CarriedPrompt, MigrationChecked, PromptsCarried
from .proposals import (
    AnswerTally,
    CandidateRejected,
    Confusion,
    Failure,
    HistoryEntry,
    ProposalsMade,
    ProposalsRequested,
    Rejection,
    ReplyUnparsed,
    Success,
)
from .races import CandidateStopped, PromptScored, RaceFinished, RaceResult, ScoringRequested
from .reviews import Moment, ReviewGiven, ReviewRequested, Verdict
from .run import BudgetExhausted, HandlerFailed, RunFailed, RunResumed, RunStarted, TaskLoaded
from .stages import (
    Comparison,
    PromptPromoted,
    RunFinished,
    Spent,
    StageFinished,
    StageSkipped,
    StageStarted,
    Standing,
    TargetFinished,
    TargetsFinished,
)

__all__ = [
    "AnswerTally",
    "AnyMessage",
    "BackendProbed",
    "BudgetExhausted",
    "CallAttempted",
    "CallFailed",
    "CallFinished",
    "CallRequested",
    "CandidateRejected",
    "CandidateStopped",
    "CarriedPrompt",
    "Comparison",
    "Confusion",
    "EventRedacted",
    "ExperienceApplied",
    "ExperienceLoaded",
    "Failure",
    "ForkMade",
    "GoldDoubted",
    "HandlerFailed",
    "HistoryEntry",
    "JudgementRequested",
    "MergeMade",
    "MergeRequested",
    "Message",
    "MigrationChecked",
    "Moment",
    "PromptJudged",
    "PromptPromoted",
    "PromptScored",
    "PromptsCarried",
    "ProposalsMade",
    "ProposalsRequested",
    "Purpose",
    "RaceFinished",
    "RaceResult",
    "Rejection",
    "ReplyUnparsed",
    "ReviewGiven",
    "ReviewRequested",
    "RunFailed",
    "RunFinished",
    "RunForked",
    "RunImported",
    "RunResumed",
    "RunStarted",
    "ScoringRequested",
    "Spent",
    "Stage",
    "StageFinished",
    "StageSkipped",
    "StageStarted",
    "Standing",
    "Success",
    "TargetFinished",
    "TargetsFinished",
    "TaskLoaded",
    "Verdict",
]

AnyMessage = Annotated[
    RunStarted
    | ExperienceLoaded
    | PromptsCarried
    | TaskLoaded
    | RunResumed
    | StageStarted
    | StageSkipped
    | ProposalsRequested
    | ReplyUnparsed
    | GoldDoubted
    | ProposalsMade
    | MergeRequested
    | MergeMade
    | ReviewRequested
    | ReviewGiven
    | CandidateRejected
    | ScoringRequested
    | PromptScored
    | CandidateStopped
    | JudgementRequested
    | PromptJudged
    | RaceFinished
    | PromptPromoted
    | ExperienceApplied
    | StageFinished
    | MigrationChecked
    | TargetFinished
    | TargetsFinished
    | RunFinished
    | RunFailed
    | HandlerFailed
    | CallRequested
    | CallFinished
    | CallAttempted
    | CallFailed
    | BackendProbed
    | BudgetExhausted
    | RunForked
    | ForkMade
    | RunImported
    | EventRedacted,
    Field(discriminator="kind"),
]
