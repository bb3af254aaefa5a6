"""Tests of the explanations of words and marks."""

from io import StringIO

import pytest
from console_screens import Terminal
from console_script import PLAIN, Script, open_stage
from seen_scripts import seen

from transfer_prompting.orchestration.console.keyboard import keyboard
from transfer_prompting.orchestration.console.legend import COLUMNS, explanation, marks_of
from transfer_prompting.orchestration.console.live_display import LiveDisplay
from transfer_prompting.orchestration.console.result import outcome
from transfer_prompting.orchestration.console.status_panel import status_panel
from transfer_prompting.orchestration.console.table import prompt_table


def test_everything_is_readable_at_80_columns(story: Script, terminal: Terminal) -> None:
    """No explanation is cut at 80 columns, nor is the legend of a table."""
    view = seen(story)
    for line in explanation(view):
        terminal.console.print(line)
    terminal.console.print(marks_of(view.leaderboards["target"]))
    assert "…" not in terminal.text
    assert "stopped early" in terminal.text
    assert max(map(len, terminal.rows)) < 80


def test_a_mark_that_nobody_has_is_not_explained(script: Script) -> None:
    """In a run without transfer nothing is said about prompts of other tasks."""
    open_stage(script, "target", ("far",), PLAIN)
    view = seen(script)
    assert "^" not in marks_of(view.leaderboards["target"])
    assert not any(line.plain.startswith("^") for line in explanation(view))


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_columns_of_a_table_are_explained(story: Script, width: int) -> None:
    """Below the tables stands what their columns mean, and nothing of a column for which there is no room."""
    screen = Terminal(width)
    view = seen(story)
    titles = [column.header for column in prompt_table(view.leaderboards["target"], width).columns]
    screen.console.print(outcome(view))
    said = " ".join(screen.text.split())
    assert "1-ece" in titles or width == 60
    for title, meaning in COLUMNS.items():
        assert (f"{title}: {meaning}" in said) is (title in titles)


@pytest.mark.parametrize("height", [4, 12, 24, 50])
def test_it_takes_the_room_of_the_panel(story: Script, height: int) -> None:
    """The explained panel takes at most half of the screen, like the other one."""
    panel = status_panel(seen(story), 80, height, hint="? closes this", explained=True)
    assert len(panel.renderables) <= max(3, height // 2)


def test_no_keys_without_a_keyboard(
    terminal: Terminal, story: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no keys can be read the legend stands below the table, and no key is offered."""
    monkeypatch.setattr("sys.stdin", StringIO())
    assert keyboard() is None
    display = LiveDisplay(terminal.console, drawing=False)
    for event in story.events[:-1]:
        display.apply(event)
    display.draw()
    assert "? explains" not in terminal.text
    assert "* best   o your best" in terminal.text
    display.close()
