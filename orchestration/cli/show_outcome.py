"""Output of `show RUN`: the outcome of a run."""

from pydantic import BaseModel, ConfigDict

from ...agents.messages import Comparison, Stage
from ...agents.scoring.objective import Objective
from ...prompts.candidate import Candidate
from ..console.result import outcome
from ..projections.cut_replies import cut_warnings
from ..projections.final_table import final_table
from ..projections.run_state import RunState
from ..projections.run_status import Status
from ..projections.transfers import Transfer
from .output import print_document
from .prompt_documents import PromptMeasures
from .screen import open_screen


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CallTotals(_Shape):
    """Numbers of calls and their tokens. A reused reply costs no tokens.

    `executions` is the number of programs that have run to their end on an example, which are no calls.
    `cut` is the number of replies that ended at the token limit.
    """

    requested: int
    finished: int
    failed: int
    reused: int
    cut: int
    saved_tokens: int
    in_flight: int
    executions: int
    prompt_tokens: int
    completion_tokens: int
    lost_tokens: int
    """Worst case of requests that got no reply and may have been billed."""


class BudgetState(_Shape):
    """Limits and use of calls, tokens, money and seconds; `ended` names the limit that was reached."""

    limits: dict[str, float]
    spent: dict[str, float]
    ended: str | None


class RankedPrompt(PromptMeasures):
    """A prompt of a stage with its mean score."""

    score: float | None


class StageOutcome(_Shape):
    """A stage with its prompts, from the best to the worst."""

    tasks: list[str]
    steps: int
    metric: str
    """The main metric in the user's words."""
    evaluations: int
    saved: int
    front: list[str]
    prompts: list[RankedPrompt]


class TargetOutcome(_Shape):
    """The verdict on one of several targets."""

    target: str
    verdict: str
    improved: bool
    best: Candidate
    comparisons: list[Comparison]


class RunDocument(_Shape):
    """The outcome of a run, stage by stage."""

    run: str
    name: str
    status: Status
    verdict: str | None
    error: str | None
    improved: bool | None
    started: str | None
    seconds: float
    stage: Stage | None
    step: int
    metric: str
    """The main metric of the target task in the user's words."""
    objective: Objective
    rejected: int
    doubted: int
    """Number of examples whose right answer looked wrong to the reference agent's model."""
    excluded: int
    budget: BudgetState
    calls: CallTotals
    best: Candidate | None
    control: Candidate | None
    warnings: list[str]
    """What makes the result worse than it need be, with the mend."""
    transfers: list[Transfer]
    comparisons: list[Comparison]
    against_control: list[Comparison]
    targets: list[TargetOutcome]
    """Verdicts of a run with several targets; empty for a run with one."""
    stages: dict[str, StageOutcome]


def print_outcome(state: RunState, *, as_json: bool) -> None:
    """Print the prompts of a run with their scores, the verdict, and the costs in one line."""
    if as_json:
        found = {**state.as_json(), "warnings": cut_warnings(state)}
        print_document("run", RunDocument.model_validate(found))
        return
    console = open_screen()
    console.print(outcome(state))
    if costs := _costs(state):
        console.print(costs, style="dim", soft_wrap=True)


def _costs(state: RunState) -> str:
    calls, spending = state.calls, state.spending
    parts: list[str] = []
    if final_table(state) is None:
        # The final table comes with these numbers.
        parts.append(
            f"{calls.finished:,} replies, {spending.prompt_tokens + spending.completion_tokens:,} tokens"
        )
    if spending.cached:
        parts.append(f"{spending.cached:.0%} of the prompt tokens found in a cache")
    if calls.reused:
        parts.append(f"{calls.reused:,} of the replies reused, {calls.saved_tokens:,} tokens saved")
    if calls.executions:
        parts.append(f"{calls.executions:,} executions of programs")
    if calls.failed:
        parts.append(f"{calls.failed:,} failed calls, {state.excluded:,} examples excluded")
    if spending.limits:
        ended = f", and the search ended at its {spending.ended}" if spending.ended else ""
        parts.append(f"budget used: {spending.words(state.elapsed)}{ended}")
    return "; ".join(parts) + "." if parts else ""
