"""The check of a migration: whether the best prompt of the old model holds on the new one."""

from collections.abc import Iterator, Sequence
from statistics import fmean

from ..messages import PromptsCarried
from ..messages.scores import Outcome
from ..scoring.guard import worse
from .settings import SearchSettings, StageSettings
from .standings import Standings


def rescoring(settings: SearchSettings) -> SearchSettings:
    """Return the settings by which carried prompts are scored: all on every example, and no proposals."""
    stage = StageSettings(steps=0)
    return settings.model_copy(update={"racing": False, "restart_with_seeds": False, "target": stage})


def regressions(carried: PromptsCarried, standings: Standings) -> tuple[str, ...]:
    """Return the evidence that the best prompt of the old model is worse on the new one, as text.

    It is compared with the best of the user's own prompts, and with itself on the old model, each on the
    examples that both have answered.
    """
    return tuple(_evidence(carried, standings))


def _evidence(carried: PromptsCarried, standings: Standings) -> Iterator[str]:
    best, *others = carried.prompts
    id_ = best.candidate.id
    for other in others:
        if other.role == "initial":
            now, own = standings.shared(id_, other.candidate.id)
            yield from _told(now, own, standings.title, f"your own prompt {other.candidate.id}")
    before = {outcome.example: outcome for outcome in best.outcomes}
    now, _ = standings.shared(id_, id_)
    paired = [outcome for outcome in now if outcome.example in before]
    yield from _told(paired, [before[o.example] for o in paired], standings.title, "its own on the old model")


def _told(now: Sequence[Outcome], other: Sequence[Outcome], title: str, whose: str) -> Iterator[str]:
    p_value = worse(now, other)
    if p_value is not None:
        mine, others = (fmean(outcome.value for outcome in outcomes) for outcomes in (now, other))
        yield (
            f"{title} {mine:.3f} against {others:.3f} of {whose} on {len(now)} examples, p = {p_value:.2g}"
        )
