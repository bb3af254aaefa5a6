"""Costs and times: every call is counted once, every moment too."""

import pytest

from transfer_prompting.orchestration.account.calls import Call
from transfer_prompting.orchestration.account.gathering import Account
from transfer_prompting.orchestration.account.spending import _shares, by_role, by_stage, time_shares


def test_roles_add_up(account: Account) -> None:
    """The roles' calls and tokens are, together, those of the run."""
    costs = by_role(account)
    assert {cost.role for cost in costs} == {"scorer", "reference", "judge"}
    assert sum(cost.calls for cost in costs) == account.view.calls.requested
    assert sum(cost.reused for cost in costs) == account.view.calls.reused
    assert sum(cost.prompt_tokens for cost in costs) == account.view.calls.prompt_tokens
    assert sum(cost.completion_tokens for cost in costs) == account.view.calls.completion_tokens


def test_the_time_adds_up(account: Account) -> None:
    """The shares of the time, with calls or without, are the whole time; so are the stages but the start."""
    elapsed = account.view.elapsed
    assert sum(share.seconds for share in time_shares(account)) == pytest.approx(elapsed)
    stages = by_stage(account)
    assert [stage.stage for stage in stages] == ["source", "target", "control", "verdict"]
    assert sum(stage.calls for stage in stages) == account.view.calls.requested
    assert sum(stage.seconds for stage in stages) == pytest.approx(elapsed, abs=1)


def test_each_moment_counts_once() -> None:
    """Calls side by side share their time, and the time of two roles at once is told apart."""
    calls = [_call("a", 0, 4), _call("a", 1, 3), _call("b", 3, 6), _call("b", 8, 9), _call("b", 9, None)]
    assert {share.roles: share.seconds for share in _shares(calls)} == {
        ("a",): 3,
        ("a", "b"): 1,
        ("b",): 3,
        (): 2,
    }


def _call(role: str, began: float, ended: float | None) -> Call:
    return Call(f"{role}{began}", 1, None, role, "", began, ended)
