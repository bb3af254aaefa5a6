"""Costs and times: every call is counted once, every moment too."""

import asyncio
from pathlib import Path

import pytest
from tiny_runs import RUN, begin, reply_by_hash, scripted, tiny_config

from transfer_prompting.agents.messages import StageStarted
from transfer_prompting.agents.models.base import ModelReply, ModelRequest
from transfer_prompting.orchestration.cli.cost import print_cost
from transfer_prompting.orchestration.cli.show_outcome import print_outcome
from transfer_prompting.orchestration.projections.call_records import CallRecord
from transfer_prompting.orchestration.projections.cost_breakdown import (
    _shares,
    by_role,
    by_stage,
    time_shares,
)
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.orchestration.projections.summary import summarised
from transfer_prompting.storage.opening import open_reader


def test_roles_add_up(account: RunHistory) -> None:
    """The roles' calls and tokens are, together, those of the run."""
    costs = by_role(account)
    assert {cost.role for cost in costs} == {"scorer", "reference", "judge"}
    assert sum(cost.calls for cost in costs) == account.state.calls.requested
    assert sum(cost.reused for cost in costs) == account.state.calls.reused
    assert sum(cost.prompt_tokens for cost in costs) == account.state.spending.prompt_tokens
    assert sum(cost.completion_tokens for cost in costs) == account.state.spending.completion_tokens


def test_the_time_adds_up(account: RunHistory) -> None:
    """The shares of the time, with calls or without, are the whole time; so are the stages but the start."""
    elapsed = account.state.elapsed
    assert sum(share.seconds for share in time_shares(account)) == pytest.approx(elapsed)
    stages = by_stage(account)
    assert [stage.stage for stage in stages] == ["source", "target", "control", "verdict"]
    assert sum(stage.calls for stage in stages) == account.state.calls.requested
    start = next(one.clock for one, _ in account.of(StageStarted))
    assert start + sum(stage.seconds for stage in stages) == pytest.approx(elapsed)


def test_each_moment_counts_once() -> None:
    """Calls side by side share their time, and the time of two roles at once is told apart."""
    calls = [_call("a", 0, 4), _call("a", 1, 3), _call("b", 3, 6), _call("b", 8, 9), _call("b", 9, None)]
    assert {share.roles: share.seconds for share in _shares(calls)} == {
        ("a",): 3,
        ("a", "b"): 1,
        ("b",): 3,
        (): 2,
    }


def test_cached_tokens_are_told_by_role(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a server had in its cache is counted for the role and shown as a share, where it tells."""
    monkeypatch.setenv("COLUMNS", "120")

    def answer(request: ModelRequest) -> ModelReply:
        text = reply_by_hash(request)
        cached = 0 if "<instruction>" in text else 30
        return ModelReply(
            text=text, finish="stop", prompt_tokens=40, completion_tokens=2, cached_tokens=cached
        )

    asyncio.run(begin(tiny_config(tmp_path), tmp_path, scripted(answer)))
    with open_reader(tmp_path / "log.db") as reader:
        account = read_history(reader, RUN)
        costs = {cost.role: cost for cost in by_role(account)}
        assert costs["scorer"].cached_tokens == costs["scorer"].prompt_tokens * 30 / 40
        assert costs["reference"].cached_tokens == 0
        print_cost(account, as_json=False)
        scorer, reference = capsys.readouterr().out.splitlines()[1:3]
        assert "(75% cached)" in scorer
        assert "cached" not in reference
        print_outcome(summarised(reader, RUN), as_json=False)
    share = sum(c.cached_tokens for c in costs.values()) / sum(c.prompt_tokens for c in costs.values())
    assert f"{share:.0%} of the prompt tokens found in a cache" in capsys.readouterr().out


def _call(role: str, began: float, ended: float | None) -> CallRecord:
    return CallRecord(f"{role}{began}", 1, None, role, "", began, ended)
