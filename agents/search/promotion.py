"""The promotion from the source stage to the target stage: one prompt, merged from what the sources taught.

It is the target's own first prompt with the rules that are likely to help there, told from the answers of all
source prompts. If no rule can be carried over, because the prompts consist of other texts, or if a reviewer
vetoes the merged prompt, a whole source prompt is promoted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...prompts.candidate import Candidate, make_candidate
from ...prompts.demonstrations import without_demonstrations
from ...prompts.integrity import breach_of_any
from ...prompts.task import Task
from ..experience.conditions import Topics
from ..experience.learning import learn
from ..experience.lessons import Lesson
from ..experience.merging import merged
from ..experience.relevance import Relevance, inputs_of
from ..messages import CandidateRejected, PromptPromoted, ReviewRequested, Stage, Standing
from ..messages.base import plural
from ..scoring.sequential import lower_bound
from .acceptance import broken
from .metric_guard import credibly_worse
from .race import race_order
from .review import Request, Review, review
from .seeding import seeded_random
from .settings import SearchSettings
from .stage_state import StageState
from .step_scheduler import StepScheduler
from .transfer_gate import Transferred, promised

MERGED = "merged"
"""Operator of a prompt that rules were merged into."""
_LEVEL = 0.05
"""Probability that a lower bound does not hold."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A prompt that may begin the target stage, and what speaks for it."""

    candidate: Candidate
    standing: Standing
    """Scores of the source prompt that it comes from, or of the best one."""
    reason: str
    rules: tuple[Lesson, ...] = ()
    left: tuple[Lesson, ...] = ()


async def promote(
    state: StageState,
    settings: SearchSettings,
    seed: int,
    targets: Sequence[Task],
    scheduler: StepScheduler,
    into: Stage = "target",
) -> list[Transferred]:
    """Announce the promoted prompt of a source stage, and return it; [] if nothing is worth carrying over.

    `into` is the stage that it enters, whose task is the one of `targets`.
    """
    ranked = state.standings.ranked()
    request = _review_request(state, targets, ranked)
    vetoed: set[str] = set()
    for promotion in (
        *_merged(state, settings, targets, ranked[0]),
        *_whole(state, settings, targets, ranked),
    ):
        if promotion.candidate.id in vetoed:
            continue
        [one] = await review("promotion", [promotion.candidate], settings.reviewers, request, scheduler)
        if one.veto is None:
            lower = _lower(state, seed, promotion.standing.candidate.id)
            await scheduler.tell(_message(promotion, lower, len(ranked), one.current, into))
            return [Transferred(one.current, promised(promotion.rules))]
        vetoed.add(promotion.candidate.id)
        await scheduler.tell(
            CandidateRejected(
                stage=state.stage, step=state.steps.begun, candidate=one.original, reason=one.veto
            )
        )
    return []


def _merged(
    state: StageState, settings: SearchSettings, targets: Sequence[Task], best: Standing
) -> Iterator[Promotion]:
    """Yield the target's own first prompt with the rules that are likely to help, if there are any."""
    [target] = targets
    names = target.texts
    if any(task.texts != names for task in state.tasks):
        return
    topics = Topics.of_inputs(text for task in state.tasks for text in inputs_of(task))
    lessons = lessons_of(state, names, topics)
    relevance = Relevance(target, state.tasks, topics)
    own = target.initial_prompts[0]
    text, rules = merged(own, names, relevance.selected(lessons), settings.longest_prompt)
    if not rules or breach_of_any(targets, text):
        return
    origin = make_candidate(own, "initial").id
    yield Promotion(
        make_candidate(text, MERGED, (origin, best.candidate.id)),
        best,
        f"{plural(len(rules), 'rule')} of {plural(len(state.standings), 'source prompt')} for the target's "
        f"own first prompt: {'; '.join(map(_told, rules))}",
        tuple(rules),
        relevance.left_over(lessons, rules),
    )


def lessons_of(state: StageState, names: Sequence[str], topics: Topics) -> list[Lesson]:
    """Return what every sentence of a stage's prompts has been worth, from the best to the worst."""
    standings = state.standings
    candidates = [standing.candidate for standing in standings.ranked()]
    answers = {candidate.id: standings.bare_utilities(candidate.id) for candidate in candidates}
    return learn(candidates, answers, names, standings.best, topics, len(state.tasks))


def _whole(
    state: StageState, settings: SearchSettings, targets: Sequence[Task], ranked: Sequence[Standing]
) -> Iterator[Promotion]:
    """Yield the source prompts, without demonstrations, that keep the target's contract, the best first.

    Prompts that break fewer constraints come first, and none is credibly worse than the best one.
    """
    standings, best = state.standings, state.standings.best
    faults = {s.candidate.id: broken(s.candidate.id, standings, settings.limits) for s in ranked}
    for standing in sorted(ranked, key=lambda s: len(faults[s.candidate.id])):
        id_ = standing.candidate.id
        carried = make_candidate(
            without_demonstrations(standing.candidate.text), standing.candidate.operator, (id_,)
        )
        candidate = standing.candidate if carried.id == id_ else carried
        if not candidate.text or breach_of_any(targets, candidate.text):
            continue
        if id_ != best and credibly_worse(id_, best, standings):
            continue
        reason = f"mean score {standing.score:.3f} on {plural(standing.examples, 'example')}"
        reason += f"; it breaks {'; '.join(faults[id_])}" if faults[id_] else ""
        yield Promotion(candidate, standing, reason)


def _told(lesson: Lesson) -> str:
    worth = f"{100 * lesson.mean:+.1f} ± {100 * lesson.sd:.1f} points"
    return f"{lesson.sentence} ({worth}, {plural(lesson.answers, 'answer')})"


def _lower(state: StageState, seed: int, candidate: str) -> float:
    # The lower bound needs any fixed order.
    order = race_order(state.tasks, seeded_random(seed, state.stage, "promotion"))
    return lower_bound(state.standings.utilities(candidate, order), _LEVEL, least=0.0)


def _message(
    promotion: Promotion, lower: float, among: int, as_candidate: Candidate, into: Stage
) -> PromptPromoted:
    return PromptPromoted(
        rank=1,
        standing=promotion.standing,
        lower=lower,
        among=among,
        as_candidate=as_candidate,
        reason=promotion.reason,
        rules=promotion.rules,
        left=promotion.left,
        into=into,
    )


def _review_request(state: StageState, targets: Sequence[Task], ranked: Sequence[Standing]) -> Request:
    by_id = {s.candidate.id: s for s in ranked}

    def request(reviewer: str, one: Review) -> ReviewRequested:
        carried = (one.original.id, *one.original.parents)
        return ReviewRequested(
            stage=state.stage,
            step=state.steps.begun,
            moment="promotion",
            reviewer=reviewer,
            candidate=one.current,
            tasks=tuple(task.name for task in targets),
            standing=next((by_id[id_] for id_ in carried if id_ in by_id), None),
        )

    return request
