"""A display that is killed leaves the terminal as it was: cursor, screen, mouse and keyboard."""

import asyncio
import signal
from pathlib import Path

import pytest
from pty_screens import Screen
from tiny_runs import copy_prefix

from transfer_prompting.storage.event import Event

SIGNALS = [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]


@pytest.mark.parametrize("number", SIGNALS)
def test_killed_watch(tmp_path: Path, run: tuple[Path, list[Event]], number: signal.Signals) -> None:
    """A killed live view shows the cursor again, and ends as the signal ends any program."""
    _, events = run
    asyncio.run(copy_prefix(events[:-1], tmp_path))
    with Screen(["watch", "--log", tmp_path / "log.db"], 80, 24) as screen:
        screen.until(lambda _: screen.cursor_hidden and not screen.echoes, "the live view")
        screen.process.send_signal(number)
        assert screen.ended() == -number
        assert not screen.cursor_hidden
        assert screen.echoes
        assert "Traceback" not in screen.text


@pytest.mark.parametrize("number", SIGNALS)
def test_killed_full_screen(run: tuple[Path, list[Event]], number: signal.Signals) -> None:
    """A killed full screen also leaves the other screen, gives the mouse back, and echoes keys again."""
    with Screen(["replay", "--no-verify", "--log", run[0]], 80, 24) as screen:
        screen.until_row("message 1 of")
        screen.until(lambda _: not screen.echoes, "the keyboard in the screen's hands")
        screen.process.send_signal(number)
        assert screen.ended() == -number
        assert screen.echoes
        for mode in (1049, 1000, 1003, 2004, 1004):
            assert screen.raw.rfind(f"\x1b[?{mode}l") > screen.raw.rfind(f"\x1b[?{mode}h"), mode
        assert screen.raw.rfind("\x1b[?25h") > screen.raw.rfind("\x1b[?25l")


def test_interrupted_twice(tmp_path: Path, run: tuple[Path, list[Event]]) -> None:
    """Ctrl-C pressed again and again while the view is taken down leaves a terminal with a cursor."""
    _, events = run
    asyncio.run(copy_prefix(events[:-1], tmp_path))
    with Screen(["watch", "--log", tmp_path / "log.db"], 80, 24) as screen:
        screen.until(lambda _: screen.cursor_hidden, "the live view")
        screen.send("\x03\x03\x03")
        assert screen.ended() in (130, -signal.SIGINT)
        assert not screen.cursor_hidden
        assert "Traceback" not in screen.text
