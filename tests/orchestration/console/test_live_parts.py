"""The parts of the live region: the curve, the race, what is spent and what is left."""

import pytest
from console_script import CAREFUL, PLAIN, SHORT, Script, end_race, open_stage, opening, stop, whole_run
from seen_scripts import seen

from transfer_prompting.agents.messages.scores import Measure, Score
from transfer_prompting.orchestration.console.header import header
from transfer_prompting.orchestration.console.log_lines import log_line
from transfer_prompting.orchestration.console.picture import picture
from transfer_prompting.orchestration.console.sparkline import sparkline
from transfer_prompting.orchestration.console.table import interval
from transfer_prompting.orchestration.projections.leaderboard import PromptRow
from transfer_prompting.orchestration.projections.spending import Spending


def test_a_curve_is_drawn_by_place() -> None:
    """A step stands where it was made, the lowest value is the lowest bar, the highest the highest."""
    assert sparkline([(1, 0.0), (50, 0.5), (100, 1.0)], 4) == "▁▅▅█"
    assert sparkline([(1, 0.0), (100, 1.0)], 4, plain=True) == "___#"
    assert sparkline([], 8) == ""
    assert sparkline([(5, 0.7)], 3) == "▁▁▁"


def test_the_curve_is_that_of_the_best_prompt() -> None:
    """The curve holds the best score by the examples answered, and the winner's after each race."""
    board = seen(whole_run()).boards["source"]
    assert board.curve == [(4, 0.5), (10, 0.75)]


def test_a_race(script: Script) -> None:
    """In the race are those who were asked and not stopped; the best so far runs along and is no entrant."""
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


def test_money() -> None:
    """Prices are per million tokens, cached ones have their own; what is reused costs nothing."""
    spending = Spending()
    price = {"input": 1.0, "output": 10.0, "cached": 0.5}
    spending.configure({"models": {"scorer": {"price": price, "concurrency": 4}, "judge": None}})
    spending.answer("scorer", reply(1000, 100, cached_tokens=400))
    spending.answer("scorer", {**reply(1000, 100), "reused": "e1"})
    spending.answer("scorer", {})
    assert spending.spent(5.0) == {
        "calls": 1,
        "tokens": 1100,
        "money": pytest.approx((600 + 200 + 1000) / 1e6),
        "seconds": 5.0,
    }
    assert (spending.priced, spending.slots) == (True, 4)


def test_slots_are_those_of_the_models() -> None:
    """Roles that share a model share its slots; a model in this process has those of a batch."""
    spending = Spending()
    shared = {"provider": "openai", "concurrency": 16, "batch_size": 32}
    local = {"provider": "smollm2", "concurrency": 16, "batch_size": 32}
    spending.configure({"models": {"scorer": shared, "reference": dict(shared), "judge": local}})
    assert spending.slots == 48


def test_what_is_left() -> None:
    """The limit that ends first counts, at the pace so far; the user may have moved it."""
    spending = Spending()
    assert spending.left(10.0) is None
    spending.configure({"budget": {"tokens": 1000, "seconds": 100.0, "money": None}})
    assert spending.left(0.0) == ("tokens", 1.0, float("inf"))
    spending.answer("scorer", reply(400, 100))
    assert spending.left(10.0) == ("tokens", 0.5, 10.0)
    spending.limit({"tokens": 10_000})
    left = spending.left(10.0)
    assert left is not None
    assert left[0] == "seconds"
    assert left[1:] == pytest.approx((0.9, 90.0))


def test_the_region_tells_of_the_budget(script: Script) -> None:
    """Every limit is shown with what is spent of it, and how long the scarcest lasts."""
    opening(script)
    view = seen(script)
    view.spending.configure({"budget": {"tokens": 1000, "calls": 10}})
    view.spending.answer("scorer", reply(400, 100))
    text = "\n".join(str(part) for part in header(view, 80, 24, 28.0).renderables)
    spent = "spent   50% of tokens left, about 0:00:30 more; calls 1 of 10, tokens 500 of 1,000"
    assert spent in text


def test_intervals_of_several_tasks_are_put_together() -> None:
    """The interval of a mean over tasks is narrower than theirs; where one has none, there is none."""
    row = PromptRow(PLAIN)
    wide = Measure(value=0.5, n=10, low=0.3, high=0.7)
    row.scores["near"] = Score(composite=0.5, measures={"accuracy": wide})
    assert row.interval("accuracy") == pytest.approx((0.3, 0.7))
    row.scores["far"] = Score(composite=0.5, measures={"accuracy": wide})
    assert row.interval("accuracy") == pytest.approx((0.5 - 0.2 / 2**0.5, 0.5 + 0.2 / 2**0.5))
    row.scores["third"] = Score(composite=0.5, measures={"accuracy": Measure(value=0.5, n=10)})
    assert row.interval("accuracy") is None
    assert row.interval("auroc") is None


def test_intervals_have_one_width() -> None:
    """An interval takes seven characters at most, ends outside [0, 1] included."""
    assert [interval(ends) for ends in ((0.42, 0.714), (0.8, 1.0), (-0.1, 0.05), None)] == [
        ".42-.71",
        ".80-1.0",
        ".00-.05",
        "",
    ]


def test_log_lines(story: Script) -> None:
    """A line of the log display has time, seq, kind, sender and recipients before its words."""
    first = log_line(story.events[0])
    assert first == (
        "2023-11-14T22:13:20.000Z 1 run.started user -> curator/main,reference/main: start demo: near -> far"
    )
    assert log_line(story.events[0]._replace(data=b"")).endswith("run.started (redacted)")
    assert log_line(story.events[0]._replace(kind="x.y")).endswith("x.y (this version cannot read it)")


def test_a_picture_needs_nothing_from_the_net(story: Script) -> None:
    """The picture holds conversation and state, and names no address to load anything from."""
    from transfer_prompting.orchestration.console.lines import lines
    from transfer_prompting.orchestration.projections.run_state import message_for

    told = [line for event in story.events for line in lines(event, message_for(event))]
    drawn = picture(seen(story), told, "tp watch demo-1", width=100, height=30, tail=None)
    plain = drawn.replace("&#160;", " ")
    assert "improvement found" in plain
    assert ">curator</text>" in plain
    assert "url(http" not in drawn
    assert "@font-face" not in drawn
