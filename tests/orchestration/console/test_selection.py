"""Tests of the selection of messages by role, kind, stage, text and starting point."""

import re
from pathlib import Path

import pytest
from console_screens import Pipe, Terminal
from console_script import Script
from program_calls import Tp
from written_scripts import write

from transfer_prompting.orchestration.cli.watch_log import show_run, tail_for
from transfer_prompting.orchestration.console.live_display import LiveDisplay
from transfer_prompting.orchestration.console.plain_display import PlainDisplay
from transfer_prompting.orchestration.console.selection import Chooser, Selection
from transfer_prompting.storage.event import Event


def chosen(script: Script, selection: Selection) -> list[Event]:
    chooser = Chooser(selection)
    return [event for event in script.events if chooser.takes(event)]


def test_everything(story: Script) -> None:
    """Without conditions everything is shown, and the description is empty."""
    assert chosen(story, Selection()) == story.events
    assert Selection().words == ""


@pytest.mark.parametrize("role", ["scorer", "scorer/main", "model", "model/scorer", "user"])
def test_role(story: Script, role: str) -> None:
    """A role is selected as sender and as recipient, by its short or its full name."""
    for event in story.events:
        names = (event.sender, *event.recipients)
        meant = any(name == role or name.split("/")[0] == role for name in names)
        assert (event in chosen(story, Selection(roles=(role,)))) == meant


def test_kind(story: Script) -> None:
    """A kind may contain a star, each of several kinds is shown, and only a kind can select calls."""
    kinds = {event.kind for event in chosen(story, Selection(kinds=("prompt.*", "run.finished")))}
    assert kinds == {"prompt.scored", "prompt.promoted", "run.finished"}
    assert Selection(kinds=("call.*",)).calls
    assert not Selection(kinds=("prompt.*",)).calls


def test_stage(story: Script) -> None:
    """A stage has its messages and the calls between them; events before the first stage are in none."""
    found = chosen(story, Selection(stage="target"))
    opened = next(e for e in story.events if e.kind == "stage.started" and b'"target"' in e.data)
    loaded = [event for event in story.events if event.kind == "task.loaded"]
    assert found[0] is loaded[1]
    assert [event for event in found[1:] if event.seq < opened.seq] == []
    assert {"call.requested", "call.finished", "prompt.scored"} <= {event.kind for event in found}
    assert found[-1].kind == "run.finished"


def test_words(story: Script) -> None:
    """A pattern is searched for in the text on the screen, in the message as stored, and in the kind."""
    for pattern, kind in [
        ("becomes the best", "race.finished"),
        ('"rank":1', "prompt.promoted"),
        ("^stage\\.f", ""),
    ]:
        found = chosen(story, Selection(pattern=re.compile(pattern)))
        assert found
        assert all(event.kind.startswith(kind or "stage.finished") for event in found)


def test_all_conditions_hold(story: Script) -> None:
    """A shown event meets every condition."""
    both = Selection(since=10, roles=("scorer",), kinds=("prompt.scored",), stage="target")
    found = chosen(story, both)
    assert {event.kind for event in found} == {"prompt.scored"}
    assert all(event.seq >= 10 for event in found)
    assert both.words == "from seq 10, scorer, prompt.scored, target stage"


async def test_hidden_messages_count(story: Script, pipe: Pipe, tmp_path: Path) -> None:
    """Only selected messages are printed, while tables and verdict rest on the whole run."""
    await write(tmp_path / "log.db", story.events)
    with PlainDisplay(pipe.console) as display:
        show_run(tmp_path / "log.db", "last", display, tail=None, selection=Selection(kinds=("race.*",)))
    messages = [row for row in pipe.rows if " -> " in row[:40]]
    assert len(messages) == 3
    assert all("best prompt" in row for row in messages)
    assert "target stage (far): 2 of 2" in pipe.text


async def test_single_calls(story: Script, pipe: Pipe, tmp_path: Path) -> None:
    """Calls that are selected by kind have a line each."""
    await write(tmp_path / "log.db", story.events)
    wanted = Selection(kinds=("call.finished",))
    with PlainDisplay(pipe.console, calls=True) as display:
        show_run(tmp_path / "log.db", "last", display, tail=None, selection=wanted)
    replies = [row for row in pipe.rows if "scorer's model -> scorer" in row]
    assert len(replies) == sum(event.kind == "call.finished" for event in story.events)
    assert replies[0].endswith("reply, 10+2 tokens (0.10 s)")


async def test_tail_of_a_selection(story: Script, pipe: Pipe, tmp_path: Path) -> None:
    """The tail counts selected messages."""
    await write(tmp_path / "log.db", story.events)
    with PlainDisplay(pipe.console) as display:
        show_run(tmp_path / "log.db", "last", display, tail=2, selection=Selection(kinds=("prompt.scored",)))
    assert sum("scorer -> curator" in row for row in pipe.rows) == 2


async def test_from(story: Script, pipe: Pipe, tmp_path: Path) -> None:
    """With a first seq, earlier messages are only counted, and the result rests on the whole run."""
    await write(tmp_path / "log.db", story.events)
    since = story.events[-3].seq
    with PlainDisplay(pipe.console) as display:
        show_run(tmp_path / "log.db", "last", display, tail=None, selection=Selection(since=since))
    early = sum(e.seq < since and e.kind not in ("call.requested", "call.finished") for e in story.events)
    assert pipe.rows[0] == f"({early} earlier messages are not shown)"
    assert "source stage (near): 3 of 3" in pipe.text


def test_tail_for_a_selection(terminal: Terminal) -> None:
    """A first seq or selected calls turn the default tail of a terminal off."""
    assert tail_for("auto", None, terminal.console, Selection(since=3)) is None
    assert tail_for("auto", None, terminal.console, Selection(kinds=("call.*",))) is None
    assert tail_for("auto", None, terminal.console, Selection(roles=("scorer",))) == 24


def test_the_panel_names_the_selection(story: Script, terminal: Terminal) -> None:
    """The panel names the selection, and its numbers include hidden messages."""
    display = LiveDisplay(terminal.console, drawing=False, note="scorer")
    for event in story.events:
        display.pass_over(event)
    display.draw()
    assert "only    scorer" in terminal.rows
    assert not any("curator ->" in row for row in terminal.rows)
    assert any(row.startswith("verdict improvement found") for row in terminal.rows)
    display.close()


async def test_from_the_command_line(story: Script, tp: Tp, tmp_path: Path) -> None:
    """`watch` and `replay` have the same options for selecting; an invalid pattern is a usage error."""
    await write(tmp_path / "log.db", story.events)
    options = ("--role", "scorer", "--kind", "prompt.*", "--stage", "target", "--from", 20, "--grep", "0.8")
    done = tp("watch", "last", "--log", "log.db", "--no-follow", "--display", "log", *options)
    assert done.status == 0
    assert [line.split()[2] for line in done.out.splitlines()] == ["prompt.scored"] * 2
    shown = tp("replay", "last", "--log", "log.db", "--no-verify", "--display", "log", *options)
    assert shown.out == done.out
    assert "none was re-enacted" in shown.err
    wrong = tp("watch", "last", "--log", "log.db", "--grep", "(")
    assert wrong.status == 2
    assert "is not a valid regular expression" in wrong.err
