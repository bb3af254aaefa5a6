"""The costs of a judge of responses: estimated before a run, and held back for the final comparison."""

import json
from pathlib import Path

import pytest
from budget_runs import PRICE, short_config, spend
from judged_response_runs import judged, judged_responses_config, reply
from tiny_runs import begin, finished_keys, scripted, with_tasks

from transfer_prompting.agents.messages import BudgetExhausted, CallFinished, PromptScored, TaskLoaded
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ChatMessage, ModelReply, ModelRequest
from transfer_prompting.agents.models.tariff import Cost
from transfer_prompting.orchestration.budget.estimate import Estimate
from transfer_prompting.orchestration.budget.judge_reserve import JudgeReserve
from transfer_prompting.orchestration.budget.tracker import Terms, check_affordable
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.runtime.assembly import opening

ROLES = ("scorer", "reference", "judge")
ASKED = ModelRequest(messages=(ChatMessage(role="user", content="?"),))
CALLS_EACH = 4
"""Requests about one response: two dimensions, two samples."""


def pool_of() -> ModelPool:
    """Return a pool with a model for each role."""
    return ModelPool.of(dict.fromkeys(ROLES, scripted(reply)), price=PRICE)


def parts_of(config: Config, folder: Path) -> list[tuple[str, str, Cost, Cost]]:
    """Return stage, role and costs of each part of the estimate of a judged run."""
    pool = pool_of()
    messages = with_tasks(opening(config, folder, pool), judged)
    return [(p.stage, p.role, p.most, p.typical) for p in Estimate(config, messages, pool).parts()]


async def test_the_estimate_counts_the_judge(tmp_path: Path) -> None:
    """Each answer costs as many judgements as it has dimensions and samples; the most holds."""
    config = judged_responses_config(tmp_path)
    parts = {(stage, role): (most, typical) for stage, role, most, typical in parts_of(config, tmp_path)}
    for stage in ("source", "target", "verdict"):
        most, typical = parts[stage, "judge"]
        assert typical.calls == CALLS_EACH * parts[stage, "scorer"][1].calls
        assert most.calls == 2 * CALLS_EACH * parts[stage, "scorer"][0].calls
    events = await begin(config, tmp_path, scripted(reply), change=judged)
    replies = [json.loads(event.data)["reply"] for event in events if event.sender == "model/judge"]
    most = sum((most for stage, role, most, _ in parts_of(config, tmp_path) if role == "judge"), Cost())
    assert len(replies) <= most.calls
    assert sum(r["prompt_tokens"] + r["completion_tokens"] for r in replies) <= most.tokens


def test_both_judges_are_one_part(tmp_path: Path) -> None:
    """The judge of wordings asks the same model: a stage has one part for both."""
    plain = parts_of(judged_responses_config(tmp_path, control=True), tmp_path)
    both = parts_of(judged_responses_config(tmp_path, control=True, wording={}), tmp_path)
    assert [(stage, role) for stage, role, *_ in both] == [(stage, role) for stage, role, *_ in plain]
    assert ("control", "judge") in [(stage, role) for stage, role, *_ in both]
    for (_, role, most, _), (_, _, more, _) in zip(plain, both, strict=True):
        assert (more.calls > most.calls) is (role == "judge" and more != most)


def test_no_judge_costs_nothing(tmp_path: Path) -> None:
    """A model that no task asks has no part in the estimate, and nothing is held back for it."""
    config, pool = judged_responses_config(tmp_path), pool_of()
    messages = opening(config, tmp_path, pool)
    assert "judge" not in {part.role for part in Estimate(config, messages, pool).parts()}
    reserve = JudgeReserve(config.search_settings(), pool)
    for message in messages:
        if isinstance(message, TaskLoaded):
            reserve.apply_task(message)
    assert (reserve.cost(), reserve.seconds()) == (Cost(), 0.0)


def test_the_reserve_learns(tmp_path: Path) -> None:
    """What is held back follows the judgements so far: their mean, and one standard deviation more."""
    config, pool = judged_responses_config(tmp_path), pool_of()
    reserve = JudgeReserve(config.search_settings(), pool)
    for message in with_tasks(opening(config, tmp_path, pool), judged):
        if isinstance(message, TaskLoaded):
            reserve.apply_task(message)
    calls = 2 * 6 * CALLS_EACH  # two finalists, six held-out examples
    assert reserve.cost().calls == calls
    assert reserve.seconds() == 0
    for tokens in (100, 200):
        paid = ModelReply(text="x", finish="stop", prompt_tokens=tokens, completion_tokens=10)
        reserve.apply_reply(ASKED, CallFinished(key="k", reply=paid, latency=0.5, attempts=1))
    # One more request is admitted by its worst case: a long response and the longest judgement.
    assert calls * (200 + 10) <= reserve.cost().tokens <= calls * (200 + 10) + 4000
    assert reserve.seconds() == pytest.approx(1.5 * calls / 16 * 0.5)
    again = ASKED.model_copy(update={"sample": 2})
    reserve.apply_reply(again, CallFinished(key="k", reply=paid, latency=0.5, attempts=1))
    assert reserve.cost().calls == calls * 3 / 2


@pytest.mark.parametrize("share", [0.6, 0.8])
async def test_the_final_comparison_is_judged(tmp_path: Path, share: float) -> None:
    """If the budget ends the search, the responses of the final comparison are judged all the same."""
    config = short_config(tmp_path)
    config = config.changed({"models": {**dict(config.models), "judge": config.models.scorer}})
    whole = await spend(
        config, tmp_path, scripted(reply), BudgetSettings(), place=tmp_path / "w.db", change=judged
    )
    budget = BudgetSettings(calls=int(len(finished_keys(whole)) * share))
    events = await spend(config, tmp_path, scripted(reply), budget, change=judged)
    assert any(isinstance(decode(event), BudgetExhausted) for event in events)
    finals = [
        message
        for message in map(decode, events)
        if isinstance(message, PromptScored) and message.purpose == "final"
    ]
    assert finals
    first = next(event.seq for event in events if b'"purpose":"final"' in event.data)
    assert not [event for event in events if event.kind == "call.failed" and event.seq > first]
    assert all(len(message.outcomes) > len(message.excluded) for message in finals)


def test_an_unaffordable_comparison(tmp_path: Path) -> None:
    """A budget that pays for the answers of the final comparison, but not for its judgements, is refused."""
    config, pool = judged_responses_config(tmp_path), pool_of()
    messages = opening(config, tmp_path, pool)
    terms = Terms(BudgetSettings(calls=30), config.search_settings())
    check_affordable(terms, messages, pool)
    with pytest.raises(ConfigError, match="does not cover the final comparison, for which about 60 are held"):
        check_affordable(terms, with_tasks(messages, judged), pool)
