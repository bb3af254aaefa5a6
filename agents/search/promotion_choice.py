"""Which source prompts go into the target stage: good with certainty, and different from each other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ...prompts.candidate import Candidate, candidate_id, make_candidate, normalised
from ...prompts.demonstrations import without_demonstrations
from ..messages import PromptPromoted, Standing
from ..scoring.sequential import lower_bound

LEVEL = 0.05
"""Of the lower bounds: each holds with a probability of 95 %."""
_SAMENESS = 0.1
"""How much utility a prompt that repeats a chosen one word by word would have to be better by."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """A source prompt, the lower bound it was chosen for, and what of it begins the target stage."""

    standing: Standing
    lower: float
    candidate: Candidate
    likeness: float
    """The share of words in common with the most similar prompt chosen before it."""
    broken: Sequence[str] = ()
    """The constraints that it breaks, in words."""

    @property
    def reason(self) -> str:
        """Why it was chosen, in words."""
        reason = (
            f"mean score {self.standing.score:.3f} on {self.standing.examples} examples, utility at least "
            f"{self.lower:.3f}, {100 * self.likeness:.0f} % of its words shared with those promoted before"
        )
        return f"{reason}; it breaks {'; '.join(self.broken)}" if self.broken else reason

    def told(self, rank: int, among: int, as_candidate: Candidate | None = None) -> PromptPromoted:
        """The message of it; `rank` counts from 1, `among` is the number of prompts that were there.

        `as_candidate` is what goes over in the candidate's place, where a reviewer has changed it.
        """
        return PromptPromoted(
            rank=rank,
            standing=self.standing,
            lower=self.lower,
            among=among,
            as_candidate=as_candidate or self.candidate,
            reason=self.reason,
        )


def promotions(
    standings: Sequence[Standing],
    utilities: Mapping[str, Sequence[float]],
    count: int,
    broken: Mapping[str, Sequence[str]] = MappingProxyType({}),
    vetoed: Collection[str] = (),
) -> list[Promotion]:
    """Up to `count` of `standings` (from the best to the worst), one by one.

    Each is the one with the best lower bound of its mean utility, less what its likeness to those chosen
    already costs; among those that break the fewest constraints (`broken`: id -> which, in words).
    Instructions carry over; demonstrations belong to their task and stay behind. `vetoed` are the ids of
    instructions that must not.
    """
    carried = {s.candidate.id: _carried(s.candidate) for s in standings}
    lower = {s.candidate.id: lower_bound(utilities[s.candidate.id], LEVEL, least=0.0) for s in standings}
    left = [s for s in standings if (c := carried[s.candidate.id]).text and c.id not in vetoed]
    chosen: list[Promotion] = []
    while left and len(chosen) < count:
        rated = []
        for standing in left:
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


def _carried(candidate: Candidate) -> Candidate:
    text = without_demonstrations(candidate.text)
    if candidate_id(text) == candidate.id:
        return candidate
    return make_candidate(text, candidate.operator, (candidate.id,))


def _likeness(one: Candidate, other: Candidate) -> float:
    words, others = set(normalised(one.text).split()), set(normalised(other.text).split())
    return len(words & others) / max(1, len(words | others))
