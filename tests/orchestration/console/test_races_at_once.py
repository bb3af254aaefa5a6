"""Tests of races that go on at the same time, told apart by the step in their messages."""

import pytest
from console_screens import Terminal
from console_script import (
    BRIEF,
    CAREFUL,
    PLAIN,
    QUIET,
    SHORT,
    Script,
    close_stage,
    end_race,
    go_on,
    interleaved,
    stop,
    want,
)

from transfer_prompting.agents.messages import Standing
from transfer_prompting.orchestration.console.live_display import LiveDisplay
from transfer_prompting.orchestration.console.status_panel import status_panel
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState


def seen(script: Script) -> RunState:
    """Return the state after all events."""
    view = RunState()
    for event in script.events:
        view.apply(event, message_for(event))
    return view


def panel(script: Script, terminal: Terminal) -> list[str]:
    """Return the lines of the panel, in order."""
    with LiveDisplay(terminal.console, drawing=False) as display:
        for event in script.events:
            display.apply(event)
        display.draw()
        return [line.rstrip() for line in terminal.below_the_rule]


def test_each_race_has_its_own_entrants_and_examples() -> None:
    """Interleaved messages of two steps give two races, each with its own field and examples."""
    view = seen(interleaved())
    first, second = view.races.under_way
    assert (first.step, first.entered, first.asked) == (1, {CAREFUL.id: 2, SHORT.id: 2}, 2)
    assert (second.step, second.entered, second.asked) == (2, {QUIET.id: 4, BRIEF.id: 4}, 4)
    assert (first.finished, first.expected) == (4, 4)
    assert (second.finished, second.expected) == (8, 10)
    assert (view.races.finished, view.races.expected) == (12, 14)


def test_the_step_does_not_go_back() -> None:
    """The step is the latest for which prompts were requested, even while an earlier one is scored."""
    script = interleaved()
    assert seen(script).step == 2
    script.request(CAREFUL, step=1, n=2, start=2)
    assert seen(script).step == 2


def test_requests_for_prompts_take_no_race_away() -> None:
    """Requesting the prompts of a later step does not change the races under way."""
    script = interleaved()
    before = seen(script).races
    want(script, "source", 3)
    after = seen(script).races
    assert [race.step for race in after.under_way] == [1, 2]
    assert (after.finished, after.expected) == (before.finished, before.expected)


def test_a_stop_concerns_one_race() -> None:
    """A stop names its step, so the field of the other race does not change."""
    script = interleaved()
    stop(script, SHORT, 2, step=1)
    first, second = seen(script).races.under_way
    assert first.field == {CAREFUL.id}
    assert second.field == {QUIET.id, BRIEF.id}


def test_the_race_that_ends_first_leaves_the_other() -> None:
    """When the race of the later step ends, that of the earlier step goes on."""
    script = interleaved()
    end_race(script, "source", 2, (QUIET, 4), (BRIEF, 4), against=PLAIN, winner=QUIET)
    view = seen(script)
    assert [race.step for race in view.races.under_way] == [1]
    assert view.races.field == {CAREFUL.id, SHORT.id}


def test_the_prompt_to_beat_may_change_in_a_race() -> None:
    """A prompt that becomes the best in another race is no entrant of this one; nor is the former best."""
    script = interleaved()
    end_race(script, "source", 2, (QUIET, 4), (BRIEF, 4), against=PLAIN, winner=QUIET)
    script.request(CAREFUL, step=1, n=2, start=2)
    script.request(QUIET, step=1, n=1, start=4)
    script.request(PLAIN, step=1, n=1, start=4)
    [race] = seen(script).races.under_way
    assert race.entered == {CAREFUL.id: 4, SHORT.id: 2}
    assert race.expected == 8


def test_the_winner_of_one_race_stays_best_when_the_other_ends_without() -> None:
    """A race that ends without a winner leaves the winner of an earlier one the best."""
    script = interleaved()
    go_on(script)
    view = seen(script)
    assert view.best is not None
    assert (view.best.candidate, view.best.score) == (QUIET, 0.8)
    assert view.races.under_way == []
    board = view.leaderboards["source"]
    assert (board.evaluations, board.saved) == (18, 4)
    assert board.rows[SHORT.id].stopped_at == 2
    assert [score for _, score in board.curve] == [0.5, 0.8]


def test_a_line_for_each_race(terminal: Terminal) -> None:
    """At 80 x 24 each race has a line with its step, and the leaderboard still fits below."""
    lines = panel(interleaved(), terminal)
    found = [line for line in lines if line.startswith("race")]
    assert found[0].startswith("race 1  2 of 2 prompts left on 2 examples, 4 of 4 answers")
    assert found[1].startswith("race 2  2 of 2 prompts left on 4 examples, 8 of 10 answers")
    assert len(found) == 2
    assert any("step 2 of 3" in line for line in lines)
    assert any(line.startswith("*") for line in lines)
    assert len(lines) <= 12


def test_entrants_of_every_race_are_marked(terminal: Terminal) -> None:
    """The leaderboard marks the candidates that are still in any race."""
    lines = panel(interleaved(), terminal)
    marked = [line.split()[-1] for line in lines if line.startswith(">")]
    assert marked == [QUIET.id, CAREFUL.id, SHORT.id]


@pytest.mark.parametrize(
    ("height", "beginnings"),
    [
        (8, ["races   10: 12 of 12 prompts left, 12 of 54 answers"]),
        (
            24,
            [
                "race 1  2 of 2 prompts left on 2 examples,",
                "race 2  2 of 2 prompts left on 4 examples,",
                "races   8 more: 8 of 8",
            ],
        ),
    ],
)
def test_many_races_share_a_line(height: int, beginnings: list[str]) -> None:
    """The races take at most an eighth of the screen; the last line sums up those that do not fit."""
    script = interleaved()
    for step in range(3, 11):
        script.request(CAREFUL, step=step, n=5)
    terminal = Terminal(100, height)
    terminal.console.print(status_panel(seen(script), 100, height))
    lines = [line for line in terminal.rows if line.startswith("race")]
    assert len(lines) == len(beginnings)
    for line, beginning in zip(lines, beginnings, strict=True):
        assert line.startswith(beginning)


def test_the_end_of_a_stage_is_the_end_of_its_races() -> None:
    """Races that a stage leaves open end with the stage."""
    script = interleaved()
    best = Standing(candidate=QUIET, score=0.8, by_task={"near": 0.8}, examples=4)
    close_stage(script, "source", best, steps=2, scored=5, evaluations=14, saved=0)
    assert seen(script).races.under_way == []
