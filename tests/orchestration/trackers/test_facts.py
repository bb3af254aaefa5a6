"""What trackers are told about a run."""

import math
from pathlib import Path

import pytest
from tracked_runs import SECRET

from transfer_prompting.agents.messages import RunStarted
from transfer_prompting.agents.scoring.objective import MAIN
from transfer_prompting.orchestration.projections.history import RunHistory
from transfer_prompting.orchestration.trackers.facts import facts_of
from transfer_prompting.orchestration.trackers.names import name_of
from transfer_prompting.orchestration.trackers.parameters import LEFT_OUT, parameters_of


def opening(**config: object) -> RunStarted:
    return RunStarted(
        name="x", seed=1, config=config, source_tasks=(), target_tasks=("t",), models={}, versions={}
    )


def test_the_verdict(account: RunHistory) -> None:
    """Final measures, their intervals and the costs are those of the projections."""
    facts = facts_of(account, "0" * 32)
    finished = account.state.finished
    assert finished is not None
    main = next(one for one in finished.comparisons if one.measure == MAIN)
    place = f"verdict/{main.title}"
    told = [facts.figures[f"{place}/{name}"] for name in ("best", "other", "gain", "gain low", "gain high")]
    assert told == [main.best, main.other, main.difference, main.low, main.high]
    spent = account.state.spending.spent(account.state.elapsed)
    assert facts.figures["cost/tokens"] == spent["tokens"]
    assert facts.words["verdict"] == account.state.verdict
    assert facts.prompts["best_prompt.txt"] == finished.best.text


def test_the_curves(account: RunHistory) -> None:
    """There is a curve for each stage, of the score that decides, over evaluations that only grow."""
    facts = facts_of(account, "0" * 32)
    assert set(facts.curve) == {f"{stage}/composite score" for stage in account.state.leaderboards}
    for points in facts.curve.values():
        evaluations = [point.evaluations for point in points]
        assert evaluations == sorted(evaluations)
        assert evaluations[0] > 0


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": "short"},
        {"headers": {"Authorization": "x"}},
        {"base_url": f"https://x/v1?key={SECRET}"},
        {"params": {"note": f"Bearer {SECRET}"}},
        {"listed": [SECRET, "x"]},
    ],
)
def test_keys_are_left_out(settings: dict[str, object]) -> None:
    """A setting that is named as a key is, or that looks like one, is told as left out."""
    told = parameters_of(opening(models={"scorer": settings}))
    ours = [value for name, value in told.items() if name.startswith("models.")]
    assert ours == [LEFT_OUT]


def test_harmless_settings_are_told() -> None:
    """Settings about tokens are no tokens, and a list is one parameter."""
    told = parameters_of(opening(budget={"tokens": 9}, search={"max_tokens": 3, "operators": ["a", "b"]}))
    assert told == {"budget.tokens": "9", "search.max_tokens": "3", "search.operators": "a, b", "seed": "1"}


def test_every_number_is_finite(account: RunHistory) -> None:
    """Trackers refuse what is no number."""
    assert all(map(math.isfinite, facts_of(account, "0" * 32).figures.values()))


@pytest.mark.parametrize("name", ["", "..", "../../x", "/etc", "a\nb", "\x1b[31m", "ä" * 9, "x" * 999])
def test_foreign_names(name: str) -> None:
    """No name from a log leaves its place at the tracker, or has characters that a tracker refuses."""
    made = name_of("target", name)
    assert made.startswith("target/")
    assert made.count("/") == 1
    assert made.isascii()
    assert made.isprintable()
    assert len(made) <= 200
    assert Path(made).name not in ("", ".", "..")
