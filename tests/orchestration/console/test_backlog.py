"""Tests of long logs: old messages are counted without being shown, and calls are counted later."""

import asyncio
from pathlib import Path

import pytest
from console_screens import Pipe, Terminal
from console_script import PLAIN, Script, whole_run
from tiny_runs import begin, raced_config, read, scripted
from written_scripts import write

from transfer_prompting.agents.call_events import CALL_KINDS
from transfer_prompting.agents.messages import CallFailed, RunResumed
from transfer_prompting.orchestration.cli.watch_log import tail_for, watch_run
from transfer_prompting.orchestration.console.live_display import LiveDisplay
from transfer_prompting.orchestration.console.plain_display import PlainDisplay
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.partial_decode import partly_decoded
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.storage.event import Event


def messages(events: list[Event]) -> list[Event]:
    return [event for event in events if event.kind not in CALL_KINDS]


async def test_tail(story: Script, pipe: Pipe, tmp_path: Path) -> None:
    """With a tail the last messages are printed after the number of earlier ones; the result is whole."""
    await write(tmp_path / "log.db", story.events)
    with PlainDisplay(pipe.console) as display:
        await watch_run(tmp_path / "log.db", "last", display, tail=3, follow=False)
    assert pipe.rows[0] == f"({len(messages(story.events)) - 3} earlier messages are not shown)"
    assert "improvement found" in pipe.rows[3]
    assert "Best prompt" in pipe.text


async def test_no_tail(story: Script, pipe: Pipe, tmp_path: Path) -> None:
    """Without a tail, or with one longer than the log, everything is printed."""
    await write(tmp_path / "log.db", story.events)
    for tail in (None, 1000):
        await watch_run(tmp_path / "log.db", "last", PlainDisplay(pipe.console), tail=tail, follow=True)
    half = len(pipe.rows) // 2
    assert "not shown" not in pipe.text
    assert [row[9:] for row in pipe.rows[:half]] == [row[9:] for row in pipe.rows[half:]]


async def test_calls_are_counted_afterwards(story: Script, pipe: Pipe, tmp_path: Path) -> None:
    """The calls of the backlog are counted after its messages, and none is counted twice."""
    events = story.events[: len(story.events) // 2]
    await write(tmp_path / "log.db", events)
    display = PlainDisplay(pipe.console)
    watching = asyncio.create_task(watch_run(tmp_path / "log.db", "last", display, tail=1, follow=True))
    wanted = fed(events).calls.as_json()
    for _ in range(200):
        await asyncio.sleep(0.01)
        if display.view.calls.as_json() == wanted:
            break
    watching.cancel()
    assert display.view.calls.as_json() == wanted


def test_order_of_counting_does_not_matter(script: Script) -> None:
    """Calls counted after all messages, failures included, give the same numbers as calls in order."""
    asked = script.request(PLAIN)
    calls = [script.ask(asked) for _ in range(4)]
    failure = CallFailed(key="k", cause="timeout", error="no answer", attempts=4)
    script.say("model/scorer", failure, "scorer/main", cause=calls[0])
    script.say("user", RunResumed(reissued=(calls[0].id,), versions={}))
    script.say("model/scorer", failure, "scorer/main", cause=calls[1])
    script.reply(calls[0])
    script.reply(calls[2])
    late = fed(messages(script.events))
    for event in script.events:
        if event.kind in CALL_KINDS:
            late.apply_call(event)
    whole = fed(script.events)
    assert late.calls.as_json() == whole.calls.as_json()
    assert whole.calls.in_flight == 1
    assert (late.races.finished, late.races.expected) == (2, 4)
    assert whole.races.finished == 2


def fed(events: list[Event]) -> RunState:
    """Return the state after those events."""
    view = RunState()
    for event in events:
        view.apply(event, message_for(event))
    return view


def races(view: RunState) -> list[tuple[object, ...]]:
    """Return all that is known about the races under way."""
    return [(r.stage, r.step, r.purpose, r.entered, r.field, r.expected) for r in view.races.under_way]


def test_a_glance_is_enough(tmp_path: Path) -> None:
    """Partly decoded messages lead to the same state as fully decoded ones."""
    asyncio.run(begin(raced_config(tmp_path), tmp_path, scripted()))
    for events in (whole_run().events, read(tmp_path)):
        quick, whole = RunState(), RunState()
        for event in messages(events):
            quick.apply(event, partly_decoded(event))
            whole.apply(event, message_for(event))
            assert races(quick) == races(whole)
        assert quick.as_json() == whole.as_json()
        assert quick.races.expected == whole.races.expected
        assert [board.curve for board in quick.leaderboards.values()] == [
            board.curve for board in whole.leaderboards.values()
        ]


def test_live_screen_skips(story: Script, terminal: Terminal) -> None:
    """At a terminal the result of a skipped backlog is that of a shown one."""
    with LiveDisplay(terminal.console) as display:
        display.skip(story.events)
    assert "improvement found" in "".join(terminal.text.splitlines())


@pytest.mark.parametrize("given", [None, 7])
def test_tail_for(given: int | None, terminal: Terminal, pipe: Pipe) -> None:
    """The tail is a screenful at a terminal and everything elsewhere, unless the user gives another."""
    assert tail_for("auto", given, terminal.console) == (given or 24)
    assert tail_for("json", given, terminal.console) == given
    assert tail_for("auto", given, pipe.console) == given
