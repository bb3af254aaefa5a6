"""Transfers to several targets, each told with the target that it was for."""

import pytest

from transfer_prompting.agents.messages import (
    ExperienceApplied,
    PromptPromoted,
    RaceFinished,
    RaceResult,
    Standing,
)
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


@pytest.mark.parametrize(
    ("taught_by", "told"),
    [
        (("source",), "of the source tasks in"),
        (("target:cats",), "of the other targets in"),
        (("source", "target:cats"), "of the source tasks and other targets in"),
    ],
)
def test_what_has_taught_it_is_named(taught_by: tuple[str, ...], told: str) -> None:
    """A transfer names what its rules come from: source tasks, other targets, or both."""
    one = make_candidate("Even or odd? Follow the rule.", "merged")
    standing = Standing(candidate=one, score=0.5, by_task={"cats": 0.5}, examples=20)
    result = RaceResult(candidate=one.id, operator="merged", outcome="better", gain=0.2, examples=20)
    transfers = Transfers()
    transfers.apply(
        PromptPromoted(
            rank=1,
            standing=standing,
            lower=0.1,
            among=3,
            as_candidate=one,
            reason="it helped",
            into="target:pets",
            taught_by=taught_by,
        )
    )
    transfers.apply(
        RaceFinished(stage="target:pets", step=0, against="p1", winner=one.id, results=(result,), saved=0)
    )
    assert told in str(transfers.decided[0])
