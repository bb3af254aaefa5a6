"""Tests of the choice of a display, and of the display for programs."""

import subprocess
import sys
from io import StringIO
from itertools import pairwise

import orjson
import pytest
from console_screens import Pipe, Terminal
from console_script import Script
from rich.console import Console

from transfer_prompting.orchestration.console.display import Display, Mode, NoDisplay, choose_display
from transfer_prompting.orchestration.console.json_display import JsonDisplay
from transfer_prompting.orchestration.console.live_display import LiveDisplay
from transfer_prompting.orchestration.console.plain_display import PlainDisplay


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("live", LiveDisplay), ("plain", PlainDisplay), ("json", JsonDisplay), ("none", NoDisplay)],
)
def test_named_display(mode: Mode, kind: type[Display], pipe: Pipe) -> None:
    """A display that is named is used, whatever the console."""
    assert type(choose_display(mode, pipe.console)) is kind


def test_auto(pipe: Pipe, terminal: Terminal) -> None:
    """By default a terminal gets the live display and a pipe the plain one."""
    assert isinstance(choose_display("auto", terminal.console), LiveDisplay)
    assert isinstance(choose_display("auto", pipe.console), PlainDisplay)


def test_auto_on_a_terminal_without_a_cursor() -> None:
    """A terminal that cannot move its cursor gets plain lines."""
    console = Console(file=StringIO(), force_terminal=True, _environ={"TERM": "dumb"})
    assert isinstance(choose_display("auto", console), PlainDisplay)


def test_none_shows_nothing(story: Script, pipe: Pipe, capsys: pytest.CaptureFixture[str]) -> None:
    """The display "none" prints nothing anywhere."""
    with choose_display("none", pipe.console) as display:
        for event in story.events:
            display.apply(event)
    assert (pipe.text, *capsys.readouterr()) == ("", "", "")


def test_json_is_one_object_a_line(story: Script, pipe: Pipe, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON goes to standard output, one event a line, calls included; nothing goes to the console."""
    with choose_display("json", pipe.console) as display:
        for event in story.events:
            display.apply(event)
    rows = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert pipe.text == ""
    assert [row["seq"] for row in rows] == [event.seq for event in story.events]
    assert [row["kind"] for row in rows] == [row["message"]["kind"] for row in rows]


def test_json_fields(story: Script) -> None:
    """A line has the envelope, the time in ISO 8601 with its zone, and the message as stored."""
    stream = StringIO()
    JsonDisplay(stream).apply(story.events[0])
    row = orjson.loads(stream.getvalue())
    assert list(row) == ["seq", "run", "version", "time", "kind", "sender", "recipients", "cause", "message"]
    assert row["time"] == "2023-11-14T22:13:20.000000+00:00"
    assert row["recipients"] == ["curator/main", "reference/main"]
    assert row["cause"] is None
    assert row["message"] == orjson.loads(story.events[0].data)


def test_json_times_are_ordered(story: Script) -> None:
    """Times always have microseconds, so that they sort as text."""
    stream = StringIO()
    display = JsonDisplay(stream)
    for event in story.events:
        display.apply(event)
    times = [orjson.loads(line)["time"] for line in stream.getvalue().splitlines()]
    assert all(a < b for a, b in pairwise(times))


def test_watching_loads_no_agents() -> None:
    """The console loads neither the agent framework, nor a model library, nor a database layer."""
    code = (
        "import sys, transfer_prompting.orchestration.console.display;"
        "print([m for m in ('autogen_core', 'torch', 'sqlmodel', 'sqlalchemy', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
