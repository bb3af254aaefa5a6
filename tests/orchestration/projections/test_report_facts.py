"""Tests of facts that the report needs: ratios of cost, changes, effect of the source tasks."""

import pytest

from transfer_prompting.agents.messages import Comparison, RunFinished
from transfer_prompting.orchestration.projections.cost_breakdown import RoleCost, TimeShare
from transfer_prompting.orchestration.projections.cost_ratios import cached_share, mean_latency, share_of_time
from transfer_prompting.orchestration.projections.finalist_scores import change_counts, finalists_of
from transfer_prompting.orchestration.projections.held_out import AnswerPair, answer_pairs
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.projections.transfer_effect import transfer_effect
from transfer_prompting.prompts.candidate import make_candidate


def cost(calls: int, reused: int, cached: int, latency: float = 6.0) -> RoleCost:
    return RoleCost(
        role="scorer",
        calls=calls,
        reused=reused,
        failures=0,
        requests=calls,
        prompt_tokens=200,
        cached_tokens=cached,
        completion_tokens=20,
        lost_tokens=0,
        money=None,
        busy=1.0,
        latency=latency,
        longest=2.0,
    )


def test_mean_latency() -> None:
    """Reused calls do not lower the mean latency, which is zero if all calls are reused."""
    assert mean_latency(cost(5, 2, 0)) == 2.0
    assert mean_latency(cost(2, 2, 0, latency=0.0)) == 0.0


def test_cached_share() -> None:
    """The share of cached tokens is undefined if the backend reports none."""
    assert cached_share(cost(1, 0, 50)) == 0.25
    assert cached_share(cost(1, 0, 0)) is None


def test_share_of_time() -> None:
    """A share of time is relative to the run, and an empty run has defined shares."""
    assert share_of_time(TimeShare(("scorer",), 3.0), 12.0) == 0.25
    assert share_of_time(TimeShare((), 0.0), 0.0) == 0.0


def test_changes_are_counted() -> None:
    """Each change is counted, including those that no example made."""
    gained = AnswerPair("e1", None, None, None, None, "gained")
    assert change_counts([gained, gained]) == {"gained": 2, "lost": 0, "both right": 0, "both wrong": 0}


def test_changes_of_a_run(account: RunHistory) -> None:
    """The changes of a run add up to its held-out examples, and its finalists have the verdict's roles."""
    assert sum(change_counts(answer_pairs(account)).values()) == len(answer_pairs(account)) > 0
    assert [finalist.role for finalist in finalists_of(account)] == ["best", "initial", "control"]


@pytest.mark.parametrize(
    ("low", "high", "effect"), [(0.05, 0.15, "helped"), (-0.3, -0.2, "hurt"), (-0.05, 0.05, "open")]
)
def test_effect_of_the_source_tasks(low: float, high: float, effect: str) -> None:
    """The source tasks helped or hurt only if the whole interval lies on one side of zero."""
    assert transfer_effect(finished(low, high)) == effect


def test_no_control_no_effect() -> None:
    """Without a control nothing is known about the effect of the source tasks."""
    without = finished(0.1, 0.2).model_copy(update={"control": None, "against_control": ()})
    assert transfer_effect(without) is None


def finished(low: float, high: float) -> RunFinished:
    """Return a verdict whose best prompt differs from the control's by an interval."""
    middle = (low + high) / 2
    composite = Comparison(
        measure="composite",
        title="composite score",
        best=0.5 + middle,
        other=0.5,
        difference=middle,
        low=low,
        high=high,
        n=80,
    )
    prompt = make_candidate("Sort it.", "initial")
    return RunFinished(
        best=prompt,
        initial=prompt,
        improved=False,
        verdict="",
        comparisons=(composite,),
        p_value=0.1,
        control=prompt,
        against_control=(composite,),
    )
