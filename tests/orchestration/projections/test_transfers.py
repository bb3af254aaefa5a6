"""What a run says of the prompts that were transferred to its target."""

import pytest

from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.messages import ExperienceApplied, RaceFinished, RaceResult
from transfer_prompting.orchestration.projections.transfers import Transfer, Transfers
from transfer_prompting.prompts.candidate import make_candidate

CARRIED, OTHER = make_candidate("Carried.", "experience"), make_candidate("Other.", "reflection")
RULE = Lesson(sentence="Carried.", mean=0.1, sd=0.1, answers=9, examples=9)


def result(candidate: str) -> RaceResult:
    return RaceResult(candidate=candidate, operator="experience", outcome="scored", gain=0.25, examples=12)


def race(*candidates: str, winner: str | None, step: int = 0) -> RaceFinished:
    results = tuple(result(one) for one in candidates)
    return RaceFinished(stage="target", step=step, against="own", results=results, winner=winner, saved=0)


def decided(*races: RaceFinished) -> list[Transfer]:
    """Return the transfers after experience was applied and these races have ended."""
    transfers = Transfers()
    transfers.apply(ExperienceApplied(candidate=CARRIED, rules=(RULE,), left=()))
    for one in races:
        transfers.apply(one)
    return transfers.decided


@pytest.mark.parametrize(("winner", "course"), [(CARRIED.id, "began from there"), (None, "as without it")])
def test_the_gate_is_told(winner: str | None, course: str) -> None:
    """The rules, the gain, its examples and the course of the search stand in one sentence."""
    [one] = decided(race(CARRIED.id, winner=winner))
    assert one.passed is (winner is not None)
    assert str(one).startswith(f"1 rule of the earlier runs in {CARRIED.id}: +25 points on 12 examples")
    assert course in str(one)


def test_other_races_decide_nothing() -> None:
    """A race of several prompts, of another prompt, or of a later step is no gate, and a gate comes once."""
    several = race(CARRIED.id, OTHER.id, winner=CARRIED.id)
    assert decided(several, race(OTHER.id, winner=OTHER.id), race(CARRIED.id, winner=None, step=1)) == []
    assert len(decided(race(CARRIED.id, winner=None), race(CARRIED.id, winner=CARRIED.id))) == 1
