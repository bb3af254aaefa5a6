"""From the source stage to the target: who is promoted, once the reviewers have had their say."""

from collections.abc import Sequence

from ...prompts.candidate import Candidate
from ..messages import CandidateRejected, ReviewRequested
from .acceptance import broken
from .promotion_choice import promotions
from .race import course
from .review import Review, review
from .seeding import seeded_random
from .settings import SearchSettings
from .stage_state import StageState
from .step_scheduler import StepScheduler


async def promote(
    state: StageState, settings: SearchSettings, seed: int, targets: Sequence[str], scheduler: StepScheduler
) -> list[Candidate]:
    """Tell who of the source stage is promoted, and why; returns what begins the stage of `targets`."""
    ranked = state.standings.ranked()
    # Any order will do, as long as it is a fixed one.
    order = course(state.tasks, seeded_random(seed, state.stage, "promotion"))
    utilities = {s.candidate.id: state.standings.utilities(s.candidate.id, order) for s in ranked}
    faults = {id_: broken(id_, state.standings, settings.limits) for id_ in utilities}
    by_id = {s.candidate.id: s for s in ranked}

    def request(reviewer: str, one: Review) -> ReviewRequested:
        carried = (one.original.id, *one.original.parents)
        return ReviewRequested(
            stage=state.stage,
            step=state.step,
            moment="promotion",
            reviewer=reviewer,
            candidate=one.current,
            tasks=tuple(targets),
            standing=next((by_id[id_] for id_ in carried if id_ in by_id), None),
        )

    reviewed: dict[str, Review] = {}
    while True:
        vetoed = {id_ for id_, one in reviewed.items() if one.veto is not None}
        chosen = promotions(ranked, utilities, settings.promote, faults, vetoed)
        unknown = [p.candidate for p in chosen if p.candidate.id not in reviewed]
        if not unknown:
            break
        for one in await review("promotion", unknown, settings.reviewers, request, scheduler):
            reviewed[one.original.id] = one
            if one.veto is not None:
                await scheduler.tell(
                    CandidateRejected(
                        stage=state.stage, step=state.step, candidate=one.original, reason=one.veto
                    )
                )
    going = [reviewed[promotion.candidate.id].current for promotion in chosen]
    for rank, (promotion, candidate) in enumerate(zip(chosen, going, strict=True), 1):
        await scheduler.tell(promotion.told(rank, len(ranked), candidate))
    return going
