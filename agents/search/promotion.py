"""The promotion of source prompts to the target stage: how they are chosen, reviewed and announced.

Prompts are chosen one by one: each time the prompt with the best lower bound of its mean utility, less a
penalty for its likeness to those chosen before. If a reviewer vetoes a prompt, another one is chosen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ...prompts.candidate import Candidate, candidate_id, make_candidate, normalised
from ...prompts.demonstrations import without_demonstrations
from ..messages import CandidateRejected, PromptPromoted, ReviewRequested, Standing
from ..scoring.sequential import lower_bound
from .acceptance import broken
from .metric_guard import credibly_worse
from .race import race_order
from .review import Request, Review, review
from .seeding import seeded_random
from .settings import SearchSettings
from .stage_state import StageState
from .step_scheduler import StepScheduler

_LEVEL = 0.05
"""Probability that a lower bound does not hold."""
_SAMENESS = 0.1
"""Utility by which a prompt that repeats a chosen one word by word would have to be better."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A source prompt that was chosen, and the numbers it was chosen for."""

    standing: Standing
    lower: float
    """Lower bound of its mean utility."""
    candidate: Candidate
    """The prompt that begins the target stage: the source prompt without its demonstrations."""
    likeness: float
    """Share of words in common with the most similar prompt chosen before it."""
    broken: Sequence[str] = ()
    """The constraints that it breaks, as text."""

    @property
    def reason(self) -> str:
        """The reason for the choice, as text."""
        reason = (
            f"mean score {self.standing.score:.3f} on {self.standing.examples} examples, utility at least "
            f"{self.lower:.3f}, {100 * self.likeness:.0f} % of its words shared with those promoted before"
        )
        return f"{reason}; it breaks {'; '.join(self.broken)}" if self.broken else reason

    def message(self, rank: int, among: int, as_candidate: Candidate) -> PromptPromoted:
        """Return the message of the promotion.

        `rank` counts from 1, and `among` is the number of prompts to choose from. `as_candidate` begins the
        target stage: the candidate, or what a reviewer has made of it.
        """
        return PromptPromoted(
            rank=rank,
            standing=self.standing,
            lower=self.lower,
            among=among,
            as_candidate=as_candidate,
            reason=self.reason,
        )


async def promote(
    state: StageState, settings: SearchSettings, seed: int, targets: Sequence[str], scheduler: StepScheduler
) -> list[Candidate]:
    """Announce the promoted prompts of a source stage, and return those that begin the stage of `targets`."""
    ranked = state.standings.ranked()
    # The lower bounds need any fixed order.
    order = race_order(state.tasks, seeded_random(seed, state.stage, "promotion"))
    utilities = {s.candidate.id: state.standings.utilities(s.candidate.id, order) for s in ranked}
    faults = {id_: broken(id_, state.standings, settings.limits) for id_ in utilities}
    worse = _worse_than_best(state)
    request = _review_request(state, targets, ranked)
    reviewed: dict[str, Review] = {}
    while True:
        vetoed = {id_ for id_, one in reviewed.items() if one.veto is not None}
        chosen = choose(ranked, utilities, settings.promote, faults, vetoed, worse)
        unknown = [p.candidate for p in chosen if p.candidate.id not in reviewed]
        if not unknown:
            break
        for one in await review("promotion", unknown, settings.reviewers, request, scheduler):
            reviewed[one.original.id] = one
            if one.veto is not None:
                await scheduler.tell(
                    CandidateRejected(
                        stage=state.stage, step=state.steps.begun, candidate=one.original, reason=one.veto
                    )
                )
    promoted = [reviewed[promotion.candidate.id].current for promotion in chosen]
    for rank, (promotion, candidate) in enumerate(zip(chosen, promoted, strict=True), 1):
        await scheduler.tell(promotion.message(rank, len(ranked), candidate))
    return promoted


def choose(
    standings: Sequence[Standing],
    utilities: Mapping[str, Sequence[float]],
    count: int,
    broken: Mapping[str, Sequence[str]] = MappingProxyType({}),
    vetoed: Collection[str] = (),
    worse: Collection[str] = (),
) -> list[Promotion]:
    """Choose up to `count` of `standings`, which go from the best to the worst, one by one.

    Each choice is among the prompts that break the fewest constraints (`broken`: id -> constraints, as text).
    Instructions carry over; demonstrations belong to their task and stay behind. `vetoed` holds the ids of
    instructions that must not be chosen, and `worse` those of prompts that are credibly worse in the main
    metric than the first of `standings`: none of them is chosen before it.
    """
    carried = {s.candidate.id: _carried(s.candidate) for s in standings}
    lower = {s.candidate.id: lower_bound(utilities[s.candidate.id], _LEVEL, least=0.0) for s in standings}
    left = [s for s in standings if (c := carried[s.candidate.id]).text and c.id not in vetoed]
    chosen: list[Promotion] = []
    while left and len(chosen) < count:
        rated = []
        first = left[0] is standings[0]
        for standing in (s for s in left if not first or s.candidate.id not in worse):
            likeness = max(
                (_likeness(carried[standing.candidate.id], p.candidate) for p in chosen), default=0.0
            )
            id_ = standing.candidate.id
            worth = lower[id_] - _SAMENESS * likeness
            rated.append((-len(broken.get(id_, ())), worth, likeness, standing))
        *_, likeness, best = max(rated, key=lambda entry: entry[:2])
        id_ = best.candidate.id
        chosen.append(Promotion(best, lower[id_], carried[id_], likeness, broken.get(id_, ())))
        left = [s for s in left if carried[s.candidate.id].id != carried[id_].id]
    return chosen


def _worse_than_best(state: StageState) -> set[str]:
    best = state.standings.best
    others = (s.candidate.id for s in state.standings.ranked() if s.candidate.id != best)
    return {id_ for id_ in others if best is not None and credibly_worse(id_, best, state.standings)}


def _review_request(state: StageState, targets: Sequence[str], ranked: Sequence[Standing]) -> Request:
    by_id = {s.candidate.id: s for s in ranked}

    def request(reviewer: str, one: Review) -> ReviewRequested:
        carried = (one.original.id, *one.original.parents)
        return ReviewRequested(
            stage=state.stage,
            step=state.steps.begun,
            moment="promotion",
            reviewer=reviewer,
            candidate=one.current,
            tasks=tuple(targets),
            standing=next((by_id[id_] for id_ in carried if id_ in by_id), None),
        )

    return request


def _carried(candidate: Candidate) -> Candidate:
    text = without_demonstrations(candidate.text)
    if candidate_id(text) == candidate.id:
        return candidate
    return make_candidate(text, candidate.operator, (candidate.id,))


def _likeness(one: Candidate, other: Candidate) -> float:
    words, others = set(normalised(one.text).split()), set(normalised(other.text).split())
    return len(words & others) / max(1, len(words | others))
