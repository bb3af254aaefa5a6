"""Tests of the parts of the status panel: curve, races, slots, cost and budget."""

from typing import Any

import pytest
from console_script import CAREFUL, PLAIN, SHORT, Script, end_race, open_stage, opening, stop, whole_run
from seen_scripts import seen

from transfer_prompting.agents.messages import PromptScored, RunResumed, RunStarted
from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.orchestration.console.log_display import log_line
from transfer_prompting.orchestration.console.picture import picture
from transfer_prompting.orchestration.console.sparkline import sparkline
from transfer_prompting.orchestration.console.status_panel import status_panel
from transfer_prompting.orchestration.console.table import interval
from transfer_prompting.orchestration.projections.leaderboard import Leaderboard
from transfer_prompting.orchestration.projections.model_slots import ModelSlots
from transfer_prompting.orchestration.projections.spending import Spending
from transfer_prompting.storage.event import Event


def test_sparkline() -> None:
    """A step is drawn at its place; the lowest value gets the lowest bar and the highest the highest."""
    assert sparkline([(1, 0.0), (50, 0.5), (100, 1.0)], 4) == "▁▅▅█"
    assert sparkline([(1, 0.0), (100, 1.0)], 4, plain=True) == "___#"
    assert sparkline([], 8) == ""
    assert sparkline([(5, 0.7)], 3) == "▁▁▁"


def test_the_curve_is_that_of_the_best_prompt() -> None:
    """The curve has the best score by the number of examples answered, and the winner's after each race."""
    board = seen(whole_run()).leaderboards["source"]
    assert board.curve == [(4, 0.5), (10, 0.75)]


def test_a_race(script: Script) -> None:
    """The field of a race are the candidates scored and not stopped; the best prompt is no entrant."""
    open_stage(script, "source", ("near",), PLAIN)
    script.request(PLAIN)
    end_race(script, "source", 0, (PLAIN, 4), winner=PLAIN)
    for prompt in (PLAIN, CAREFUL, SHORT, CAREFUL):
        script.request(prompt, step=1)
    [race] = seen(script).races.under_way
    assert (race.entered, race.asked) == ({CAREFUL.id: 8, SHORT.id: 4}, 8)
    stop(script, CAREFUL, 4)
    assert seen(script).races.field == {SHORT.id}
    end_race(script, "source", 1, (CAREFUL, 4), (SHORT, 4), against=PLAIN)
    assert seen(script).races.under_way == []
    script.request(CAREFUL, step=1)
    [race] = seen(script).races.under_way
    assert race.entered == {CAREFUL.id: 4}


def reply(prompt: int, completion: int, **other: object) -> dict[str, object]:
    return {"reply": {"prompt_tokens": prompt, "completion_tokens": completion, **other}}


def configure(spending: Spending, config: dict[str, Any]) -> None:
    """Start a run with this configuration."""
    started = RunStarted(
        name="", seed=0, config=config, source_tasks=(), target_tasks=("",), models={}, versions={}
    )
    spending.apply(_event("run.started", "user"), started)


def answer(spending: Spending, data: dict[str, Any]) -> None:
    """Answer a call of the scorer with a reply of this payload."""
    spending.apply_reply(_event("call.finished", "model/scorer"), data)


def _event(kind: str, sender: str) -> Event:
    return Event(1, "run", 1, "e1", kind, 1, sender, (), None, 0, b"", b"")


def test_money() -> None:
    """Prices are per million tokens, cached tokens have their own, and reused replies cost nothing."""
    spending = Spending()
    price = {"input": 1.0, "output": 10.0, "cached": 0.5}
    configure(spending, {"models": {"scorer": {"price": price, "concurrency": 4}, "judge": None}})
    answer(spending, reply(1000, 100, cached_tokens=400))
    answer(spending, {**reply(1000, 100), "reused": "e1"})
    answer(spending, {})
    assert spending.spent(5.0) == {
        "calls": 1,
        "tokens": 1100,
        "money": pytest.approx((600 + 200 + 1000) / 1e6),
        "seconds": 5.0,
    }
    assert (spending.priced, spending.slots.total) == (True, 4)


def test_slots_are_those_of_the_models() -> None:
    """Roles that share a model share its slots; a local model has one slot for each place in a batch."""
    spending = Spending()
    shared = {"provider": "openai", "concurrency": 16, "batch_size": 32}
    local = {"provider": "smollm2", "concurrency": 16, "batch_size": 32}
    configure(spending, {"models": {"scorer": shared, "reference": dict(shared), "judge": local}})
    assert spending.slots.total == 48


def test_what_is_left() -> None:
    """The limit that ends first at the present pace counts; a changed limit replaces the old one."""
    spending = Spending()
    assert spending.left(10.0) is None
    configure(spending, {"budget": {"tokens": 1000, "seconds": 100.0, "money": None}})
    assert spending.left(0.0) == ("tokens", 1.0, float("inf"))
    answer(spending, reply(400, 100))
    assert spending.left(10.0) == ("tokens", 0.5, 10.0)
    resumed = RunResumed(reissued=(), versions={}, budget={"tokens": 10_000, "seconds": 100.0})
    spending.apply(_event("run.resumed", "user"), resumed)
    left = spending.left(10.0)
    assert left is not None
    assert left[0] == "seconds"
    assert left[1:] == pytest.approx((0.9, 90.0))


def test_the_panel_shows_the_budget(script: Script) -> None:
    """Every limit is shown with the spent part, and the scarcest with the time that it lasts."""
    opening(script)
    view = seen(script)
    configure(view.spending, {"budget": {"tokens": 1000, "calls": 10}})
    answer(view.spending, reply(400, 100))
    text = "\n".join(str(part) for part in status_panel(view, 80, 24, 28.0).renderables)
    spent = "spent   50% of tokens left, about 0:00:30 more; calls 1 of 10, tokens 500 of 1,000"
    assert spent in text


def test_intervals_of_several_tasks_are_merged() -> None:
    """The interval of a mean over tasks is narrower than theirs; it is missing if one of theirs is."""
    board = Leaderboard("source", ("near", "far", "third"))
    row = board.add(PLAIN)
    wide = Measure(value=0.5, n=10, low=0.3, high=0.7)
    board.apply(_scored("near", wide))
    assert row.interval("accuracy") == pytest.approx((0.3, 0.7))
    board.apply(_scored("far", wide))
    assert row.interval("accuracy") == pytest.approx((0.5 - 0.2 / 2**0.5, 0.5 + 0.2 / 2**0.5))
    board.apply(_scored("third", Measure(value=0.5, n=10)))
    assert row.interval("accuracy") is None
    assert row.interval("auroc") is None


def _scored(task: str, accuracy: Measure) -> PromptScored:
    return PromptScored(
        stage="source",
        step=0,
        purpose="search",
        candidate=PLAIN.id,
        task=task,
        split="dev",
        score=Score(composite=0.5, measures={"accuracy": accuracy}),
        outcomes=(),
        prompt_tokens=0,
        completion_tokens=0,
    )


def test_intervals_have_one_width() -> None:
    """An interval takes at most seven characters, even if its ends lie outside [0, 1]."""
    assert [interval(ends) for ends in ((0.42, 0.714), (0.8, 1.0), (-0.1, 0.05), None)] == [
        ".42-.71",
        ".80-1.0",
        ".00-.05",
        "",
    ]


def test_log_lines(story: Script) -> None:
    """A line of the log display has time, seq, kind, sender, recipients and a sentence."""
    first = log_line(story.events[0])
    assert first == (
        "2023-11-14T22:13:20.000Z 1 run.started user -> curator/main,reference/main: start demo: "
        "find a prompt for far, after learning from near"
    )
    assert log_line(story.events[0]._replace(data=b"")).endswith("run.started (redacted)")
    assert log_line(story.events[0]._replace(kind="x.y")).endswith("x.y (this version cannot read it)")


def test_a_picture_loads_nothing(story: Script) -> None:
    """The picture shows the conversation and the panel, and loads nothing from elsewhere."""
    from transfer_prompting.orchestration.console.lines import lines
    from transfer_prompting.orchestration.projections.decoding import message_for

    conversation = [line for event in story.events for line in lines(event, message_for(event))]
    drawn = picture(seen(story), conversation, "tp watch demo-1", width=100, height=30, tail=None)
    plain = drawn.replace("&#160;", " ")
    assert "improvement found" in plain
    assert ">curator</text>" in plain
    assert "url(http" not in drawn
    assert "@font-face" not in drawn


def test_queued_calls_are_not_busy(script: Script) -> None:
    """The panel never shows more busy slots than there are, and counts the other calls as queued."""
    asked = script.request(PLAIN, n=10)
    for _ in range(10):
        script.ask(asked)
    view = seen(script)
    view.spending.slots = ModelSlots({"scorer": {"provider": "openai", "concurrency": 4}})
    text = "\n".join(str(part) for part in status_panel(view, 80, 24).renderables)
    assert "calls   0 done, 4 of 4 slots busy, 6 queued" in text
