"""A run with a budget keeps its limits, ends with a verdict, and continues when the budget is raised."""

from pathlib import Path
from random import Random

import pytest
from budget_runs import PRICE, message_of, short_config, spend
from tiny_runs import ignore, reenact, reply_by_hash, said

from transfer_prompting.agents.messages import BudgetExhausted, RunFinished, StageFinished
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.models.token_bounds import prompt_bound
from transfer_prompting.orchestration.budget.extension import with_changes
from transfer_prompting.orchestration.budget.tracker import Terms, check_affordable
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ConfigError, RunStopped
from transfer_prompting.orchestration.lineage.extend import extend
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.runtime.assembly import opening
from transfer_prompting.storage.opening import open_reader

RUNS = 200


class Meter:
    """A model whose replies cost random amounts within the request's limits, and that adds them up."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.tokens = self.calls = 0
        self.money = 0.0

    def __call__(self, request: ModelRequest) -> ModelReply:
        prompt = self.random.randint(1, prompt_bound(request))
        completion = self.random.randint(0, request.max_tokens)
        self.calls += 1
        self.tokens += prompt + completion
        self.money += (prompt * PRICE.input + completion * PRICE.output) / 1e6
        return ModelReply(
            text=reply_by_hash(request), finish="stop", prompt_tokens=prompt, completion_tokens=completion
        )


def caps(random: Random) -> BudgetSettings:
    """Return one to three limits, from far too low to ample."""
    limits = {
        "tokens": int(10 ** random.uniform(2, 5.3)),
        "money": 10 ** random.uniform(-4, -0.2),
        "calls": int(10 ** random.uniform(0.3, 2.5)),
    }
    chosen = random.sample(sorted(limits), random.randint(1, 3))
    return BudgetSettings.model_validate({name: limits[name] for name in chosen})


def over(meter: Meter, budget: BudgetSettings) -> list[str]:
    """Return the limits that were broken."""
    return [name for name, most in budget.limits.items() if getattr(meter, name) > most]


@pytest.mark.parametrize("tenth", range(10))
async def test_no_budget_is_ever_overshot(tmp_path: Path, tenth: int) -> None:
    """None of two hundred runs with random limits, costs and latencies exceeds its budget.

    All reach a verdict, and in many of them, but not in all, the budget ends.
    """
    config = short_config(tmp_path)
    ended = 0
    for seed in range(tenth * RUNS // 10, (tenth + 1) * RUNS // 10):
        meter, budget = Meter(seed), caps(Random(seed))
        waits = Random(seed)
        model = ScriptedModel(meter, delay=lambda _request, waits=waits: waits.random() / 1000)  # type: ignore[misc]
        events = await spend(config, tmp_path, model, budget, place=f":memory:budget-{seed}")
        assert not over(meter, budget), (seed, budget.limits)
        assert events[-1].kind == "run.finished"
        ended += "budget.exhausted" in {event.kind for event in events}
    assert 0 < ended < RUNS // 10


async def test_the_end_of_the_budget_leads_to_the_verdict(tmp_path: Path) -> None:
    """When the search has used its share it stops, and every finalist answers every held-out example."""
    config = short_config(tmp_path)
    events = await spend(config, tmp_path, ScriptedModel(reply_by_hash), BudgetSettings(calls=40))
    ended = message_of(events, "budget.exhausted")
    assert isinstance(ended, BudgetExhausted)
    assert (ended.limit, ended.budget, ended.reserved) == ("calls", 40, 12)
    verdict = message_of(events, "run.finished")
    assert isinstance(verdict, RunFinished)
    assert verdict.excluded == 0
    assert {comparison.n for comparison in verdict.comparisons} == {6}
    stages = [decode(event) for event in events if event.kind == "stage.finished"]
    last = stages[-1]
    assert isinstance(last, StageFinished)
    assert "budget of 40 calls has ended" in last.reason


async def test_the_end_of_the_budget_is_replayed(tmp_path: Path) -> None:
    """Re-enacting a run whose budget has ended needs no budget and gives the same messages."""
    events = await spend(
        short_config(tmp_path), tmp_path, ScriptedModel(reply_by_hash), BudgetSettings(calls=40)
    )
    assert await reenact(tmp_path) == len(events)


async def test_all_lives_of_a_run_share_its_budget(tmp_path: Path) -> None:
    """A run that is stopped and resumed many times still spends no more than its budget."""
    config, budget = short_config(tmp_path), BudgetSettings(tokens=9000)
    meter, refused = Meter(1), 0

    def answer(request: ModelRequest) -> ModelReply | ModelError:
        nonlocal refused
        if (meter.calls + refused) % 12 == 11:
            refused += 1
            return ModelError("authentication", "The key is refused.")
        return meter(request)

    lives = 0
    while True:
        lives += 1
        try:
            events = await spend(config, tmp_path, ScriptedModel(answer), budget, going_on=lives > 1)
        except RunStopped:
            continue
        break
    assert lives > 2
    assert events[-1].kind == "run.finished"
    assert not over(meter, budget)


def test_a_budget_too_small_for_the_verdict_is_refused(tmp_path: Path) -> None:
    """A run that cannot pay for its final comparison is not started, and the error names the remedy."""
    config, pool = short_config(tmp_path), ModelPool.of({"scorer": ScriptedModel(reply_by_hash)}, slots=1)
    terms = Terms(budget=BudgetSettings(calls=11), search=config.search_settings())
    messages = opening(config, tmp_path, pool)
    with pytest.raises(ConfigError, match=r"budget\.calls = 11 .* lower target\.test_examples"):
        check_affordable(terms, messages, pool)
    check_affordable(Terms(budget=BudgetSettings(calls=12)), messages, pool)


@pytest.fixture
def openai_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return a configuration whose models are replaced by a scripted one."""
    model = ScriptedModel(reply_by_hash)
    monkeypatch.setattr(
        lifecycle,
        "models_for",
        lambda *_: ModelPool.of(dict.fromkeys(("scorer", "reference"), model), slots=8),
    )
    return short_config(tmp_path)


async def _resume(log: Path, name: str, budget: str) -> tuple[str, RunFinished]:
    """Resume a run with more budget."""
    run, limits = await extend(log, name, budget)
    name, finished = await lifecycle.resume(log, run, ignore, budget=limits)
    assert isinstance(finished, RunFinished)
    return name, finished


async def test_more_budget_continues_the_run(tmp_path: Path, openai_config: Config) -> None:
    """A run whose budget has ended and is raised ends like a run with an ample budget."""
    whole, _ = await lifecycle.start(openai_config, tmp_path, tmp_path / "whole.db", ignore)
    log = tmp_path / "log.db"
    poor = openai_config.changed({"budget": BudgetSettings(calls=40)})
    first, _ = await lifecycle.start(poor, tmp_path, log, ignore)
    second, _ = await _resume(log, first, "calls=500")
    assert second != first
    with open_reader(tmp_path / "whole.db") as reader:
        expected = list(reader.read(whole))
    with open_reader(log) as reader:
        events, spent = list(reader.read(second)), list(reader.read(first))
    # The first message holds the budget, the second run a note of the fork.
    told = [m for m in said(events)[1:] if m[0] != "run.forked"]
    assert [kind for kind, *_ in told] == [kind for kind, *_ in said(expected)[1:]]
    assert sorted(told) == sorted(said(expected)[1:])
    paid = [decode(e) for e in events + spent if e.kind == "call.finished"]
    assert any(getattr(message, "reused_from", None) == first for message in paid)


async def test_a_budget_can_be_raised_again(tmp_path: Path, openai_config: Config) -> None:
    """A budget can be raised repeatedly, but not after a verdict that it did not force."""
    log = tmp_path / "log.db"
    poor = openai_config.changed({"budget": BudgetSettings(calls=30)})
    first, _ = await lifecycle.start(poor, tmp_path, log, ignore)
    second, _ = await _resume(log, first, "calls=+10")
    third, _ = await _resume(log, second, "calls=600")
    with open_reader(log) as reader:
        ended = [bool(list(reader.read(run, kinds=("budget.exhausted",)))) for run in (first, second, third)]
    assert ended == [True, True, False]
    with pytest.raises(ConfigError, match="nothing to continue"):
        await _resume(log, third, "+50%")


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("+50%", {"tokens": 150, "money": 3.0}),
        ("tokens=200", {"tokens": 200, "money": 2.0}),
        ("tokens=+10, calls=7", {"tokens": 110, "money": 2.0, "calls": 7}),
    ],
)
def test_a_budget_is_changed(text: str, limits: dict[str, float]) -> None:
    """An amount replaces a limit, "+" adds to it, and a percentage raises all limits that are set."""
    assert with_changes(BudgetSettings(tokens=100, money=2.0), text).limits == limits


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("tokns=5", "no limit 'tokns'; known limits are tokens, money, calls, seconds"),
        ("tokens=much", "'much' is not an amount"),
        ("seconds=+5%", "no budget of seconds to raise"),
        ("tokens=-5", "tokens = -5"),
        ("tokens=1.5", "tokens = 1.5"),
        ("money=inf", "leave it out to set no limit"),
    ],
)
def test_an_invalid_budget_is_refused(text: str, error: str) -> None:
    """An invalid name or amount is reported together with valid ones."""
    with pytest.raises(ConfigError, match=error):
        with_changes(BudgetSettings(tokens=100), text)
