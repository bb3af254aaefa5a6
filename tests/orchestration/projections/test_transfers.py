"""What a run says of the prompts that were transferred to its target."""

import pytest

from transfer_prompting.agents.experience.lessons import Lesson
from transfer_prompting.agents.messages import ExperienceApplied, RaceFinished, RaceResult
from transfer_prompting.orchestration.projections.transfers import Transfer, Transfers, Withdrawal
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


@pytest.mark.parametrize(
    ("outcome", "winner", "refused", "withdrawn"),
    [
        ("stopped", None, None, True),
        ("scored", None, "it is held back by a constraint", True),
        ("scored", None, None, False),
        ("better", CARRIED.id, None, False),
    ],
    ids=["not kept its promise", "breaks a constraint", "broken off", "passed"],
)
def test_withdrawn_by_the_gate(
    outcome: str, winner: str | None, refused: str | None, *, withdrawn: bool
) -> None:
    """A gate withdraws the prompt that has not passed it, unless the race was broken off."""
    one = result(CARRIED.id).model_copy(update={"outcome": outcome})
    ended = race(CARRIED.id, winner=winner).model_copy(update={"results": (one,), "refused": refused})
    transfers = Transfers()
    transfers.apply(ExperienceApplied(candidate=CARRIED, rules=(RULE,), left=()))
    assert transfers.apply(ended) == (Withdrawal(CARRIED.id, None) if withdrawn else None)


def test_a_second_gate() -> None:
    """If one prompt has passed, the search goes on from it after another one is withdrawn."""
    transfers = Transfers()
    for one in (CARRIED, OTHER):
        transfers.apply(ExperienceApplied(candidate=one, rules=(RULE,), left=()))
    transfers.apply(race(CARRIED.id, winner=CARRIED.id))
    stopped = result(OTHER.id).model_copy(update={"outcome": "stopped"})
    ended = race(OTHER.id, winner=None).model_copy(update={"against": CARRIED.id, "results": (stopped,)})
    assert transfers.apply(ended) == Withdrawal(OTHER.id, CARRIED.id)
