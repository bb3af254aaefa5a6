"""The use of earlier runs: the target's own first prompt with the lessons that suit the target.

Nothing is taken on trust. The prompt has to pass the gate against the user's own one.
"""

from ...prompts.candidate import make_candidate
from ...prompts.integrity import breach_of_any
from ...prompts.task import Task
from ..experience.conditions import Topics
from ..experience.lessons import Lesson
from ..experience.merging import merged
from ..experience.relevance import Relevance
from ..messages import CandidateRejected, ExperienceApplied, ExperienceLoaded, ReviewRequested, Stage
from .review import Request, Review, review
from .rule_merging import worded
from .settings import SearchSettings
from .step_scheduler import StepScheduler
from .transfer_gate import Transferred, promised

OPERATOR = "experience"
"""Operator of a prompt that lessons of earlier runs were merged into."""


async def apply_experience(
    loaded: ExperienceLoaded, settings: SearchSettings, target: Task, scheduler: StepScheduler, stage: Stage
) -> list[Transferred]:
    """Announce the prompt that experience suggests for a `stage`, and return it; [] if there is none."""
    lessons = [one.for_model(loaded.model) for one in loaded.lessons]
    topics = Topics({one.lesson.topic: one.share for one in loaded.lessons if one.lesson.topic})
    relevance = Relevance(target, (), topics)
    own, longest = target.initial_prompts[0], settings.longest_prompt
    sound = [one for one in relevance.selected(lessons) if _fits(one, target, longest)]
    text, rules = merged(own, target.texts, sound, longest)
    if not rules or breach_of_any([target], text):
        return []
    made = make_candidate(text, OPERATOR, (make_candidate(own, "initial").id,))
    made, cost = await worded(made, rules, target, stage, settings, scheduler)
    [one] = await review("promotion", [made], settings.reviewers, _request(target, stage), scheduler)
    if one.veto is not None:
        await scheduler.tell(CandidateRejected(stage=stage, step=0, candidate=made, reason=one.veto))
        return []
    left = relevance.left_over(lessons, rules)
    await scheduler.tell(ExperienceApplied(candidate=one.current, rules=tuple(rules), left=left, into=stage))
    return [Transferred(one.current, promised(rules), cost)]


def _fits(lesson: Lesson, target: Task, characters: int) -> bool:
    """Return whether the target's first prompt keeps its contract with this sentence in it."""
    text, _ = merged(target.initial_prompts[0], target.texts, [lesson], characters)
    return breach_of_any([target], text) is None


def _request(target: Task, stage: Stage) -> Request:
    def request(reviewer: str, one: Review) -> ReviewRequested:
        return ReviewRequested(
            stage=stage,
            step=0,
            moment="promotion",
            reviewer=reviewer,
            candidate=one.current,
            tasks=(target.name,),
            standing=None,
        )

    return request
