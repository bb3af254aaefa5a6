"""The promotion to a target stage: one prompt, merged from what the stages before it taught.

It is the target's own first prompt with the rules that are likely to help there, told from the answers of all
prompts of the source stage and of the other targets so far. If no rule can be carried over, because the
prompts consist of other texts, or if a reviewer vetoes the merged prompt, a whole source prompt is promoted.
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
from ..stage_names import is_kind, stage_target
from .acceptance import broken
from .metric_guard import credibly_worse
from .race import race_order
from .review import Request, Review, review
from .rule_merging import worded
from .score_history import ExampleKey
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
    """Scores of the prompt that it comes from, or of the best one of the first stage that taught it."""
    reason: str
    rules: tuple[Lesson, ...] = ()
    left: tuple[Lesson, ...] = ()


async def promote(
    taught: Sequence[StageState],
    settings: SearchSettings,
    seed: int,
    targets: Sequence[Task],
    scheduler: StepScheduler,
    into: Stage = "target",
) -> list[Transferred]:
    """Announce the prompt that finished stages have `taught`, and return it; [] if there is none worth it.

    `into` is the stage that it enters, whose task is the one of `targets`. A whole prompt is promoted from a
    source stage alone: what another target asks for is not what this one does.
    """
    if not taught:
        return []
    state = taught[0]
    ranked = state.standings.ranked()
    request = _review_request(state, targets, ranked)
    vetoed: set[str] = set()
    whole = _whole(state, settings, targets, ranked) if is_kind(state.stage, "source") else ()
    for promotion in (*_merged(taught, settings, targets, ranked[0]), *whole):
        if promotion.candidate.id in vetoed:
            continue
        prompt, cost = await worded(
            promotion.candidate, promotion.rules, targets[0], into, settings, scheduler
        )
        [one] = await review("promotion", [prompt], settings.reviewers, request, scheduler)
        if one.veto is None:
            lower = _lower(state, seed, promotion.standing.candidate.id)
            stages = tuple(one.stage for one in taught)
            await scheduler.tell(_message(promotion, lower, len(ranked), one.current, into, stages))
            return [Transferred(one.current, promised(promotion.rules), cost)]
        vetoed.update((promotion.candidate.id, prompt.id))
        await scheduler.tell(
            CandidateRejected(
                stage=state.stage, step=state.steps.begun, candidate=one.original, reason=one.veto
            )
        )
    return []


def _merged(
    taught: Sequence[StageState], settings: SearchSettings, targets: Sequence[Task], best: Standing
) -> Iterator[Promotion]:
    """Yield the target's own first prompt with the rules that are likely to help, if there are any."""
    [target] = targets
    names = target.texts
    taught = [state for state in taught if all(task.texts == names for task in state.tasks)]
    tasks = [task for state in taught for task in state.tasks]
    topics = Topics.of_inputs(text for task in tasks for text in inputs_of(task))
    lessons = lessons_of(taught, names, topics)
    relevance = Relevance(target, tasks, topics)
    own = target.initial_prompts[0]
    text, rules = merged(own, names, relevance.selected(lessons), settings.longest_prompt)
    if not rules or breach_of_any(targets, text):
        return
    origin = make_candidate(own, "initial").id
    prompts = len({id_ for state in taught for id_ in state.standings.ids})
    yield Promotion(
        make_candidate(text, MERGED, (origin, best.candidate.id)),
        best,
        f"{plural(len(rules), 'rule')} of {plural(prompts, 'prompt')} of "
        f"{_names(taught)} for the target's own first prompt: {'; '.join(map(_told, rules))}",
        tuple(rules),
        relevance.left_over(lessons, rules),
    )


def _names(taught: Sequence[StageState]) -> str:
    """Return what the stages are about, such as "the sources and the target review_sentiment"."""
    names = [stage_target(state.stage) for state in taught if not is_kind(state.stage, "source")]
    parts = ["the sources"] if len(names) < len(taught) else []
    parts += [f"the {'target' if len(names) == 1 else 'targets'} {', '.join(names)}"] if names else []
    return " and ".join(parts)


def lessons_of(taught: Sequence[StageState], names: Sequence[str], topics: Topics) -> list[Lesson]:
    """Return what every sentence of these stages' prompts has been worth, from the best to the worst."""
    candidates: dict[str, Candidate] = {}
    answers: dict[str, dict[ExampleKey, float]] = {}
    for state in taught:
        for standing in state.standings.ranked():
            id_ = standing.candidate.id
            candidates.setdefault(id_, standing.candidate)
            answers.setdefault(id_, {}).update(state.standings.bare_utilities(id_))
    bests = [state.standings.best for state in taught if state.standings.best is not None]
    tasks = sum(len(state.tasks) for state in taught)
    return learn(list(candidates.values()), answers, names, bests, topics, tasks)


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
    promotion: Promotion,
    lower: float,
    among: int,
    as_candidate: Candidate,
    into: Stage,
    taught_by: tuple[Stage, ...],
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
        taught_by=taught_by,
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
