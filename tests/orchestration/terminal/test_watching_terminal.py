"""Tests of `tp watch` in a real terminal of common sizes, while a run goes on."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pty_screens import Screen
from screen_events import seen
from tiny_runs import RUN

from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog

SIZES = [(80, 24), (200, 50)]


class Growing:
    """A log that a test writes bit by bit, as a run would."""

    def __init__(self, log: EventLog, events: list[Event]) -> None:
        self._log, self._events, self._at = log, events, 0

    def write(self, until: int) -> None:
        """Commit the events up to the index `until`."""
        drafts = [
            Draft(e.run, e.id, e.kind, e.schema, e.sender, e.recipients, e.cause, e.data)
            for e in self._events[self._at : until]
        ]
        self._log.submit(drafts).result()
        self._at = until


@contextmanager
def growing(path: Path, events: list[Event]) -> Iterator[Growing]:
    import asyncio

    with asyncio.Runner() as loop:
        log = loop.run(EventLog.open(path))
        try:
            yield Growing(log, events)
        finally:
            loop.run(log.close())


def underway(events: list[Event]) -> int:
    """Return an index in the middle of the target stage, just after a score."""
    opened = next(i for i, e in enumerate(events) if e.kind == "stage.started" and b'"target"' in e.data)
    scores = [i for i, e in enumerate(events) if e.kind == "prompt.scored" and i > opened]
    return scores[5] + 1


def region(rows: list[str]) -> list[str]:
    """Return the lines below the rule."""
    rule = max(i for i, row in enumerate(rows) if row.startswith("──"))
    return [row for row in rows[rule + 1 :] if row]


def shows_leaders(rows: list[str], events: list[Event], count: int) -> bool:
    """Return whether the best prompts stand below the rule in order, with their scores."""
    board = seen(events).board
    assert board is not None
    wanted = [(f"{row.score:.3f}", row.candidate.id) for row in board.ranked()[:count]]
    lines = [row for row in region(rows) if row.endswith(tuple(id_ for _, id_ in wanted))]
    return len(wanted) == count and all(
        score in line and line.endswith(id_) for (score, id_), line in zip(wanted, lines, strict=False)
    )


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_live(tmp_path: Path, run: tuple[Path, list[Event]], width: int, height: int) -> None:
    """The screen shows stage, race, calls and leaders during a run, and tables and verdict at its end."""
    _, events = run
    at = underway(events)
    with growing(tmp_path / "log.db", events) as log:
        log.write(at)
        with Screen(["watch", "--log", tmp_path / "log.db"], width, height) as screen:
            rows = screen.until(lambda rows: any(row.startswith("tiny  target stage") for row in rows))
            rows = screen.until(lambda rows: shows_leaders(rows, events[:at], 2), "the leaderboard")
            below = "\n".join(region(rows))
            assert " prompts left on " in below
            assert f"calls   {seen(events[:at]).calls.finished} done" in "\n".join(
                screen.until_row(f"calls   {seen(events[:at]).calls.finished} done")
            )
            assert len(region(rows)) < height // 2
            log.write(len(events))
            assert screen.ended() == 0
            assert not screen.cursor_hidden
            text = screen.text
            verdict = seen(events).verdict
            assert verdict is not None
            assert f"Verdict: {verdict}"[: width - 10] in text
            assert all(f"{stage} stage (" in text for stage in ("source", "target", "control"))
            assert max(map(len, screen.printed)) <= width


def test_a_line_is_there_before_the_next_commit(tmp_path: Path, run: tuple[Path, list[Event]]) -> None:
    """A committed event is shown even if nothing follows it."""
    _, events = run
    with growing(tmp_path / "log.db", events) as log:
        log.write(1)
        with Screen(["watch", "--log", tmp_path / "log.db"], 80, 24) as screen:
            screen.until_row("start tiny")
            log.write(2)
            screen.until_row("source task first")


def test_another_size(tmp_path: Path, run: tuple[Path, list[Event]]) -> None:
    """A terminal that is made narrower shows the panel once, in its new width."""
    _, events = run
    at = underway(events)
    with growing(tmp_path / "log.db", events) as log:
        log.write(at)
        with Screen(["watch", "--log", tmp_path / "log.db"], 200, 50) as screen:
            screen.until_row("tiny  target stage")
            screen.resize(80, 24)
            log.write(at + 1)
            screen.until(one_panel, "one panel, 80 columns wide")


def one_panel(rows: list[str]) -> bool:
    """Return whether there is one rule of 80 columns and one line of progress with the time."""
    where = [row for row in rows if row.startswith("tiny  target stage")]
    return (
        sum(row.startswith("─" * 60) for row in rows) == 1 and len(where) == 1 and "running  0:" in where[0]
    )


def test_marks_are_explained(tmp_path: Path, run: tuple[Path, list[Event]]) -> None:
    """`?` shows what the marks mean and hides it again; at the end the keyboard is as it was."""
    _, events = run
    with growing(tmp_path / "log.db", events) as log:
        log.write(underway(events))
        with Screen(["watch", "--log", tmp_path / "log.db"], 80, 24) as screen:
            screen.until_row("? explains")
            screen.until(lambda _: not screen.echoes, "keys that are read one by one")
            screen.send("?")
            screen.until_row("still racing; stopped early")
            screen.send("x?")
            screen.until(lambda rows: not any("still racing" in row for row in rows), "the leaderboard")
            log.write(len(events))
            assert screen.ended() == 0
            assert screen.echoes
            assert screen.lines_are_edited


def test_ctrl_c(tmp_path: Path, run: tuple[Path, list[Event]]) -> None:
    """Ctrl-C ends a watch cleanly: state so far, cursor restored, one sentence, exit status 130."""
    _, events = run
    with growing(tmp_path / "log.db", events) as log:
        log.write(underway(events))
        with Screen(["watch", "--log", tmp_path / "log.db"], 80, 24) as screen:
            screen.until_row("tiny  target stage")
            screen.send("\x03")
            assert screen.ended() == 130
            assert not screen.cursor_hidden
            assert "Best prompt so far" in screen.text
            assert "No longer watching" in screen.text
            assert "Traceback" not in screen.text


def test_dumb_terminal(run: tuple[Path, list[Event]]) -> None:
    """A terminal that cannot move its cursor gets lines and no control sequences."""
    path, _ = run
    with Screen(["watch", "--log", path], 60, 24, TERM="dumb") as screen:
        assert screen.ended() == 0
        result = screen.printed[next(i for i, row in enumerate(screen.printed) if "95 % interval" in row) :]
        assert max(map(len, result[:-1])) <= 60
        assert "\x1b" not in screen.raw
        assert "Verdict: " in screen.raw


def test_no_color(run: tuple[Path, list[Event]]) -> None:
    """With NO_COLOR nothing has a colour; bold and dim are allowed."""
    path, _ = run
    with Screen(["watch", "--log", path, "--no-follow"], 80, 24, NO_COLOR="1") as screen:
        assert screen.ended() == 0
        codes = {int(code) for part in screen.raw.split("\x1b[")[1:] for code in _colours(part)}
        assert not codes & {*range(30, 39), *range(40, 49), *range(90, 108)}


def _colours(part: str) -> list[str]:
    digits, m, _ = part.partition("m")
    return [code for code in digits.split(";") if code.isdigit()] if m else []


def test_closed_pipe(run: tuple[Path, list[Event]]) -> None:
    """When the reader of a pipe closes it, the program ends silently."""
    path, _ = run
    code = "from transfer_prompting.orchestration.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "watch", "--log", str(path), "--display", "log"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_pipe_gets_lines(run: tuple[Path, list[Event]]) -> None:
    """In a pipe `watch` and `replay` print plain lines on standard output and remarks on standard error."""
    path, _ = run
    code = "from transfer_prompting.orchestration.cli import main; main()"
    for command in ("watch", "replay"):
        done = subprocess.run(
            [sys.executable, "-c", code, command, RUN, "--log", str(path)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "\x1b" not in done.stdout
        assert "Verdict: " in done.stdout
        assert ("byte for byte" in done.stderr) == (command == "replay")
