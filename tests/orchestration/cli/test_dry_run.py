"""A dry run says what a run would cost, and spends nothing."""

import json
from pathlib import Path

import pytest
from program_calls import Tp
from tiny_runs import begin, finished_keys, reply_by_hash, scripted, tiny_config

from transfer_prompting.agents.models.base import ModelRequest, TokenCount
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.models.tariff import Cost
from transfer_prompting.orchestration.budget.estimate import Estimate
from transfer_prompting.orchestration.budget.reply_statistics import usage_in
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.cli import run_estimate
from transfer_prompting.orchestration.runtime import assembly

CONFIG = """
[source]
tasks = ["message_intent"]
steps = 1
examples = 10
[target]
task = "support_routing"
steps = 1
examples = 10
test_examples = 12
[models.scorer]
provider = "openai"
model = "m"
base_url = "http://127.0.0.1:9/v1"
price = { input = 1.0, output = 2.0 }
[models.reference]
provider = "openai"
model = "m"
base_url = "http://127.0.0.1:9/v1"
"""


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """The model of all roles."""
    model = scripted(reply_by_hash)
    roles = ("scorer", "reference")
    monkeypatch.setattr(
        run_estimate,
        "models_for",
        lambda _: ModelPool.of(dict.fromkeys(roles, model), slots=4, price=Price(input=1.0, output=2.0)),
    )
    return model


async def test_the_upper_bound_holds(tmp_path: Path) -> None:
    """A run makes no more calls and uses no more tokens than the estimate from above."""
    model, config = scripted(reply_by_hash), tiny_config(tmp_path)
    pool = ModelPool.of({"scorer": model, "reference": model})
    parts = Estimate(config, assembly.opening(config, tmp_path, pool), pool).parts()
    most = sum((part.most for part in parts), Cost())
    events = await begin(config, tmp_path, model)
    replies = [json.loads(e.data) for e in events if e.kind == "call.finished"]
    used = sum(r["reply"]["prompt_tokens"] + r["reply"]["completion_tokens"] for r in replies)
    assert len(finished_keys(events)) <= most.calls
    assert used <= most.tokens
    assert all(part.typical.calls <= part.most.calls for part in parts)


async def test_the_log_says_what_is_typical(tmp_path: Path) -> None:
    """Where the log has replies of the same model, the typical cost of a call is theirs."""
    model, config = scripted(reply_by_hash), tiny_config(tmp_path)
    pool = ModelPool.of({"scorer": model, "reference": model})
    events = await begin(config, tmp_path, model)
    roles = {e.id: json.loads(e.data)["model"] for e in events if e.kind == "call.requested"}
    said = [(roles[e.cause or ""], json.loads(e.data)) for e in events if e.kind == "call.finished"]
    taken = usage_in(tmp_path / "log.db", pool)
    for role in pool:
        paid = [m["reply"] for who, m in said if who == role and m["reused"] is None]
        assert taken[role].replies == len(paid) > 0
        assert taken[role].prompt == sum(reply["prompt_tokens"] for reply in paid)
        assert taken[role].completion == sum(reply["completion_tokens"] for reply in paid)
    opening = assembly.opening(config, tmp_path, pool)
    guessed = Estimate(config, opening, pool).parts()
    learned = Estimate(config, opening, pool, taken).parts()
    assert [part.most for part in learned] == [part.most for part in guessed]
    for part in learned:
        mean = (taken[part.role].prompt + taken[part.role].completion) / taken[part.role].replies
        assert part.typical.tokens == pytest.approx(mean * part.typical.calls, rel=0.1)


async def test_other_models_say_nothing_of_this_one(tmp_path: Path) -> None:
    """Replies count for the model that gave them; a log that is not there has none, and is not made."""
    await begin(tiny_config(tmp_path), tmp_path, scripted(reply_by_hash))
    other = scripted(reply_by_hash, identity="another")
    assert usage_in(tmp_path / "log.db", ModelPool.of({"scorer": other})) == {}
    assert usage_in(tmp_path / "none.db", ModelPool.of({"scorer": scripted(reply_by_hash)})) == {}
    assert not (tmp_path / "none.db").exists()


def test_exact_counts_need_no_guess(tmp_path: Path) -> None:
    """What a model counts exactly is both typical and the most, for the prompts of the longest candidate."""

    class Counted(ScriptedModel):
        def count(self, request: ModelRequest) -> TokenCount:
            return TokenCount(7, 3, exact=True)

    model = Counted(reply_by_hash)
    pool = ModelPool.of({"scorer": model, "reference": model})
    config = tiny_config(tmp_path)
    parts = Estimate(config, assembly.opening(config, tmp_path, pool), pool).parts()
    scoring = [part for part in parts if part.role == "scorer"]
    assert {part.most.tokens / part.most.calls for part in scoring} == {10}
    assert {part.typical.tokens / part.typical.calls for part in scoring} == {9}


def test_nothing_is_spent(tp: Tp, model: ScriptedModel) -> None:
    """A dry run asks no model and makes no log."""
    Path("transfer-prompting.toml").write_text(CONFIG)
    ended = tp("run", "--dry-run", "--json")
    assert ended.status == 0
    told = json.loads(ended.out)
    assert {part["stage"] for part in told["parts"]} == {"source", "target", "verdict"}
    assert told["total"]["money"]["most"] > told["total"]["money"]["typical"] > 0
    assert told["total"]["seconds"] is None
    assert (told["replies"], model.calls) == ({}, 0)
    assert not Path("transfer-prompting.db").exists()


@pytest.mark.parametrize(("rows", "little"), [(12, True), (60, False)])
def test_what_the_test_set_can_show(tp: Tp, model: ScriptedModel, rows: int, little: bool) -> None:
    """The smallest gain that the held-out examples can show is told, with advice if it is large."""
    text = CONFIG.replace("test_examples = 12", f"test_examples = {rows}")
    Path("transfer-prompting.toml").write_text(text)
    told = json.loads(tp("run", "--dry-run", "--json").out)
    assert told["test_examples"] == rows
    gain = f"{100 * told['smallest_gain']:.0f} points"
    shown = " ".join(tp("run", "--dry-run").out.split())
    assert f"With {rows} held-out examples, a gain of about {gain} can be shown." in shown
    assert ("raise target.test_examples" in shown) == little


def test_names_of_measures_are_checked(tp: Tp, model: ScriptedModel) -> None:
    """A limit on a measure that no task has is refused before any call, and the known ones are named."""
    Path("transfer-prompting.toml").write_text(f'{CONFIG}[search]\nconstraints = ["lenght >= 0.9"]\n')
    ended = tp("run", "--dry-run")
    assert (ended.status, model.calls) == (2, 0)
    assert "search.constraints: unknown measure lenght; known are metric, ifr," in ended.err


def test_a_probe_is_one_call(tp: Tp, model: ScriptedModel) -> None:
    """With --probe one call is made, and the time is told."""
    Path("transfer-prompting.toml").write_text(CONFIG)
    told = json.loads(tp("run", "--dry-run", "--probe", "--json").out)
    assert model.calls == 1
    assert told["total"]["seconds"] is not None


def test_money_needs_prices(tp: Tp) -> None:
    """A budget of money without the price of a model in use is refused, naming the key."""
    Path("transfer-prompting.toml").write_text(CONFIG)
    ended = tp("run", "--dry-run", "--budget", "money=2")
    assert ended.status == 2
    assert "models.reference.price" in ended.err
