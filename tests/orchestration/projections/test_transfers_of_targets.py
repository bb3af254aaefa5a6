"""Transfers to several targets, each told with the target that it was for."""

import pytest

from transfer_prompting.agents.messages import ExperienceApplied, RaceFinished, RaceResult
from transfer_prompting.orchestration.projections.transfers import Transfers
from transfer_prompting.prompts.candidate import make_candidate


@pytest.mark.parametrize(
    ("stage", "told"),
    [("target:pets", "in {id} for pets: "), ("target", "in {id}: ")],
    ids=["several", "one"],
)
def test_the_target_is_named(stage: str, told: str) -> None:
    """With several targets a transfer names its own; with one there is nothing to tell apart."""
    one = make_candidate("Even or odd? Follow the rule.", "experience")
    result = RaceResult(candidate=one.id, operator="experience", outcome="better", gain=0.2, examples=20)
    transfers = Transfers()
    transfers.apply(ExperienceApplied(candidate=one, rules=(), left=(), into=stage))
    transfers.apply(
        RaceFinished(stage=stage, step=0, against="p1", winner=one.id, results=(result,), saved=0)
    )
    assert told.format(id=one.id) in str(transfers.decided[0])
