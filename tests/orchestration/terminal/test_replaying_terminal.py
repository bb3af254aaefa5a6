"""Tests of `tp replay` in a real terminal of common sizes."""

from pathlib import Path

import pytest
from pty_screens import Screen
from screen_events import seen

from transfer_prompting.storage.event import Event

SIZES = [(80, 24), (200, 50)]


def leaders(rows: list[str], events: list[Event], stage: str) -> bool:
    """Return whether the rows show the best prompts of a stage after `events`, best first, with scores."""
    board = seen(events).leaderboards[stage]
    wanted = board.ranked()[:4]
    places = []
    for prompt in wanted:
        score = f"{prompt.score:.3f}"
        found = [i for i, row in enumerate(rows) if score in row and row.endswith(prompt.candidate.id)]
        places += found[:1]
    return len(places) == len(wanted) and places == sorted(places)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_from_start_to_verdict(run: tuple[Path, list[Event]], width: int, height: int) -> None:
    """Replay opens at the first message, v shows the verdict and the leaders, q confirms the re-enactment."""
    path, events = run
    messages = sum(not event.kind.startswith("call.") for event in events)
    with Screen(["replay", "--log", path], width, height) as screen:
        rows = screen.until_row("start tiny: find a prompt for second")
        assert rows[0].startswith(" tiny-0001  message 1 of")
        screen.until(lambda rows: f"message 1 of {messages} " in rows[0], "the whole log is read")
        screen.send("v")
        screen.until(
            lambda rows: (
                f"message {messages} of {messages}" in rows[0]
                and any("verdict no improvement found" in row for row in rows)
                and any("curator -> all       no improvement found" in row for row in rows)
                and leaders(rows, events, "target")
                and "q quit" in rows[-1]
            ),
            "the verdict, in the conversation and below it",
        )
        screen.until_row(f"Re-enacted: the agents reproduce all {len(events):,} events")
        screen.send("q")
        assert screen.ended() == 0
        assert "byte for byte" in screen.text


def test_back_in_time(run: tuple[Path, list[Event]]) -> None:
    """At the promotion the leaderboard is that of the source stage at that moment, not the final one."""
    path, events = run
    at = next(i for i, event in enumerate(events) if event.kind == "prompt.promoted")
    with Screen(["replay", "--log", path, "--no-verify"], 80, 24) as screen:
        screen.until_row("start tiny: find a prompt for second")
        screen.send("G")
        screen.until_row("verdict no improvement found")
        screen.send("g")
        screen.until_row("loading the tasks")
        screen.send("p")
        screen.until(
            lambda rows: (
                any("promoted to the" in row for row in rows)
                and any(row.startswith("tiny  source stage, step 2 of 2") for row in rows)
                and leaders(rows, events[: at + 1], "source")
                and any("The log is shown as stored; it is not re-enacted." in row for row in rows)
            ),
            "the promotion",
        )
        screen.send("q")
        assert screen.ended() == 0


def test_another_size(run: tuple[Path, list[Event]]) -> None:
    """A screen that is made smaller is drawn again to fit."""
    path, events = run
    with Screen(["replay", "--log", path, "--no-verify"], 200, 50) as screen:
        screen.until_row("start tiny: find a prompt for second")
        screen.send("v")
        screen.until_row("verdict no improvement found")
        screen.resize(80, 24)
        screen.until(
            lambda rows: any(row == "─" * 80 for row in rows) and leaders(rows, events, "target"),
            "the board below the conversation",
        )
        screen.send("q")
        assert screen.ended() == 0


def test_watch_in_full(run: tuple[Path, list[Event]]) -> None:
    """`watch --display full` opens at the end of the log."""
    path, _ = run
    with Screen(["watch", "--log", path, "--display", "full"], 80, 24) as screen:
        screen.until_row("verdict no improvement found")
        screen.send("q")
        assert screen.ended() == 0
