"""The scores of the finalists on held-out examples, which no decision of the search has seen."""

from collections.abc import Iterable

from ...prompts.candidate import Candidate
from ...prompts.task import Task
from ..messages import PromptScored, ScoringRequested
from .admission import distinct
from .stage_state import StageState
from .step_scheduler import StepScheduler


async def final_scores(
    finalists: Iterable[Candidate], task: Task, last: StageState, scheduler: StepScheduler
) -> dict[str, PromptScored]:
    """Have the finalists scored on all held-out examples of `task`; return id -> scores.

    `last` is the last stage of the search.
    """
    scores: list[PromptScored] = await scheduler.ask(
        ScoringRequested(
            stage=last.stage,
            step=last.steps.begun,
            purpose="final",
            candidate=candidate,
            task=task.name,
            split="test",
            examples=tuple(example.id for example in task.test),
        )
        for candidate in distinct(list(finalists))
    )
    return {score.candidate: score for score in scores}
