"""Tests of the live display, seen through a terminal in memory."""

import threading

import pytest
from console_screens import Terminal
from console_script import (
    CAREFUL,
    PLAIN,
    SCORER,
    SHORT,
    Script,
    end_race,
    open_stage,
    opening,
    propose,
    stop,
    want,
)

from transfer_prompting.agents.messages import RunFailed
from transfer_prompting.orchestration.console.live_display import LiveDisplay


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def show(script: Script, terminal: Terminal, until: int | None = None) -> LiveDisplay:
    """Feed a display without a drawing thread, then draw one frame."""
    display = LiveDisplay(terminal.console, drawing=False)
    for event in script.events[:until]:
        display.apply(event)
    display.draw()
    return display


def underway() -> Script:
    """Return a run in the first step of its source stage: 20 of 40 examples done, 20 calls in flight."""
    script = Script()
    opening(script)
    open_stage(script, "source", ("near",), PLAIN, steps=3)
    script.score(script.request(PLAIN), 0.5)
    end_race(script, "source", 0, (PLAIN, 4), winner=PLAIN)
    want(script, "source", 1)
    propose(script, "source", 1, CAREFUL)
    asked = script.request(CAREFUL, step=1, n=40)
    for call in [script.ask(asked) for _ in range(40)][:20]:
        script.reply(call, tokens=(100, 3))
    return script


def test_the_panel_shows_the_state_of_the_run(terminal: Terminal) -> None:
    """The panel has the run, stage, step, best score, calls, tokens, examples and the best prompts."""
    with show(underway(), terminal):
        panel = "\n".join(terminal.below_the_rule)
    for part in (
        "demo  source stage, step 1 of 3       ",
        "running  0:00:0",
        f"gain    none yet: yours is the best  {'▁' * 16}  4 answers",
        "race    1 of 1 prompts left on 40 examples, 20 of 40 answers ━━━",
        "calls   20 done, 20 in flight; tokens 2,000 in, 60 out",
        "    accuracy    n how",
        "*o     0.500 ",
        "* best   o your best ",
    ):
        assert part in panel


def test_the_conversation_stands_above_the_panel(terminal: Terminal) -> None:
    """Lines are printed in order above the panel, which stays at the bottom."""
    with show(underway(), terminal):
        rows = terminal.rows
    messages = [i for i, row in enumerate(rows) if " -> " in row]
    [bar] = [i for i, row in enumerate(rows) if "of 40 answers" in row]
    assert max(messages) < bar
    assert "start demo" in rows[messages[0]]


def test_frames_replace_each_other(terminal: Terminal) -> None:
    """However often it is drawn, the panel is on the screen once."""
    with show(underway(), terminal) as display:
        for _ in range(20):
            display.draw()
        assert terminal.text.count("source stage, step 1 of 3") == 1
        assert terminal.text.count("start demo") == 1


def test_lines_scroll_off_and_remain(story: Script, terminal: Terminal) -> None:
    """The terminal's history has each line of the conversation once and no pieces of the panel."""
    display = LiveDisplay(terminal.console, drawing=False)
    for event in story.events:
        display.apply(event)
        display.draw()
    display.close()
    messages = [event for event in story.events if not event.kind.startswith("call.")]
    assert sum(" -> " in row for row in terminal.text.splitlines() if ":" in row[:3]) == len(messages)
    assert "in flight" not in terminal.text


def test_closing_leaves_the_result(story: Script, terminal: Terminal) -> None:
    """Closing removes the panel, prints the result and shows the cursor; closing again does nothing."""
    display = show(story, terminal)
    assert terminal.screen.cursor.hidden
    display.close()
    display.close()
    assert not terminal.screen.cursor.hidden
    assert "in flight" not in "\n".join(terminal.rows)
    assert terminal.text.count("Verdict: improvement found") == 1


def test_ctrl_c_restores_the_terminal(terminal: Terminal) -> None:
    """An interrupted watch stops its thread, shows the cursor and prints the result so far."""

    def watch() -> None:
        with LiveDisplay(terminal.console) as display:
            for event in underway().events:
                display.apply(event)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch()
    assert "display" not in {thread.name for thread in threading.enumerate()}
    assert not terminal.screen.cursor.hidden
    assert "Best prompt so far" in terminal.text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12), (20, 6), (10, 4), (200, 60)])
def test_small_terminals(width: int, height: int) -> None:
    """The panel takes at most half of any screen, and no line is wider than the screen."""
    terminal = Terminal(width, height)
    with show(underway(), terminal) as display:
        for _ in range(5):
            display.draw()
        assert sum(set(row) == {"─"} for row in terminal.rows) == 1
        assert 2 <= len(terminal.below_the_rule) < max(3, height // 2)
    assert not terminal.screen.cursor.hidden


def test_feeding_draws_nothing(terminal: Terminal) -> None:
    """Feeding events draws nothing: ten thousand calls appear in one frame."""
    display = LiveDisplay(terminal.console, drawing=False)
    script = Script()
    asked = script.request(PLAIN, n=5000)
    for _ in range(5000):
        script.reply(script.ask(asked))
    display.apply(script.events[0])
    display.draw()
    before = terminal.writes
    for event in script.events[1:]:
        display.apply(event)
    assert terminal.writes == before
    display.draw()
    assert terminal.writes == before + 1
    assert "5,000 of 5,000 answers" in terminal.text
    display.close()


def test_a_long_backlog_is_cut(script: Script, terminal: Terminal) -> None:
    """Of more messages than a person can read only the last are printed, with the number of the others.

    The last one, to which more may belong, is still open.
    """
    for step in range(300):
        script.request(PLAIN, step=step)
    with show(script, terminal):
        pass
    assert "(99 earlier messages are not shown)" in terminal.text
    assert sum("curator -> scorer" in row for row in terminal.text.splitlines()) == 201


def test_elapsed_time_goes_on_in_silence(terminal: Terminal) -> None:
    """During a run the time shown is the log's plus the silence since; after its end it stands still."""
    clock, script = Clock(), Script()
    display = LiveDisplay(terminal.console, drawing=False, clock=clock)
    opening(script)
    for event in script.events:
        display.apply(event)
    clock.now += 65
    display.draw()
    assert "running  0:01:07" in "\n".join(terminal.rows)
    display.apply(script.say("runtime", RunFailed(cause="quota", error="no money", count=1)))
    clock.now += 65
    display.draw()
    assert "failed  0:00:03" in "\n".join(terminal.rows)
    display.close()


def test_nothing_is_drawn_before_the_first_event(terminal: Terminal) -> None:
    """Before the first event nothing is shown and the cursor stays visible."""
    with LiveDisplay(terminal.console):
        pass
    assert terminal.writes == 0


def test_waiting_for_proposals(terminal: Terminal) -> None:
    """While candidates are being written, the panel says so instead of counting examples."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN, steps=2)
    want(script, "source", 1)
    with show(script, terminal):
        assert "race    waiting for new prompts" in terminal.rows
        assert any("step 1 of 2" in row for row in terminal.rows)


def test_stopped_prompts_are_marked(terminal: Terminal) -> None:
    """A prompt that a race has stopped is marked, with the number of examples that it answered."""
    script = Script()
    open_stage(script, "source", ("near",), PLAIN, SHORT)
    script.score(script.request(PLAIN), 0.5)
    script.score(script.request(SHORT, n=2), 0.25)
    stop(script, SHORT, 2, step=0)
    with show(script, terminal):
        best, stopped = terminal.below_the_rule[-3:-1]
    assert best.split() == ["*", "0.500", "4", "initial", *PLAIN.text.split(), PLAIN.id]
    assert stopped.split() == ["x", "0.250", "2", "shorten", *SHORT.text.split(), SHORT.id]


def test_the_control_has_no_planned_steps(terminal: Terminal) -> None:
    """The control ends when its evaluations are spent, so its step is shown without a number of steps."""
    script = Script()
    open_stage(script, "control", ("far",), PLAIN, steps=4)
    want(script, "control", 6)
    with show(script, terminal):
        assert any("control stage, step 6   " in row for row in terminal.rows)


def test_final_comparison(terminal: Terminal) -> None:
    """The panel names the final comparison on held-out data."""
    script = Script()
    open_stage(script, "target", ("far",), PLAIN)
    script.request(PLAIN, "far", stage="target", final=True)
    with show(script, terminal):
        assert any("final comparison" in row for row in terminal.rows)


def test_a_failed_run_has_no_calls_in_flight(script: Script, terminal: Terminal) -> None:
    """The panel of a failed run shows the error and no calls in flight."""
    script.ask(script.say(SCORER, RunFailed(cause="x", error="y", count=1)))
    with show(script, terminal):
        assert any(row.endswith("failed  0:00:00") for row in terminal.rows)
        assert "gain    no score yet" in terminal.rows
        assert "error   y" in terminal.rows
        assert any("0 in flight" in row for row in terminal.rows)
