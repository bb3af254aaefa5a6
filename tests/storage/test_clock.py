"""Times in a log neither follow a wall clock that is set nor run backwards."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from log_making import draft, events

from transfer_prompting.storage.clock import ForwardClock, SteadyClock
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog

HOUR = 3_600_000_000  # microseconds
SECOND = 1_000_000


class Clocks:
    """A wall clock that can be set, and a monotonic clock that cannot; both in microseconds."""

    def __init__(self) -> None:
        self.wall, self.ticks = 100 * HOUR, 7 * SECOND

    def wait(self, microseconds: int) -> None:
        """Let time pass on both clocks."""
        self.wall += microseconds
        self.ticks += microseconds

    def steady(self) -> SteadyClock:
        """Return the clock that a log opened now uses."""
        return SteadyClock(lambda: self.wall * 1000, lambda: self.ticks * 1000)


async def _write(path: Path, clocks: Clocks, *steps: int, first: int = 1) -> list[Event]:
    """Append an event, then one more after each step of the wall clock and one second."""
    log = await EventLog.open(path, clocks.steady())
    written = await log.append([draft(first)])
    for number, step in enumerate(steps, first + 1):
        clocks.wall += step
        clocks.wait(SECOND)
        written += await log.append([draft(number)])
    await log.close()
    return written


def _gaps(found: list[Event]) -> list[int]:
    return [after.at - before.at for before, after in pairwise(found)]


async def test_a_step_of_the_wall_clock_changes_no_duration(tmp_path: Path) -> None:
    """One second passes between two events, although the wall clock is set back and forward by hours."""
    clocks = Clocks()
    written = await _write(tmp_path / "log.db", clocks, -2 * HOUR, 0, 5 * HOUR, 0)
    assert _gaps(written) == [SECOND] * 4
    assert written[0].at == 100 * HOUR


async def test_a_log_never_runs_backwards(tmp_path: Path) -> None:
    """A log opened after the wall clock was set back continues at its last time, second by second."""
    path, clocks = tmp_path / "log.db", Clocks()
    before = await _write(path, clocks, 0)
    clocks.wall -= 2 * HOUR
    after = await _write(path, clocks, 0, 0, first=3)
    assert after[0].at == before[-1].at
    assert _gaps(after) == [SECOND] * 2
    assert all(gap >= 0 for gap in _gaps(events(path)))


async def test_another_run_does_not_run_backwards_either(tmp_path: Path) -> None:
    """The time of a new run is not before that of the last event of the log."""
    path, clocks = tmp_path / "log.db", Clocks()
    [*_, last] = await _write(path, clocks, 0)
    clocks.wall -= 2 * HOUR
    log = await EventLog.open(path, clocks.steady())
    [event] = await log.append([draft(1, "run-b")])
    await log.close()
    assert event.at == last.at


async def test_a_log_opened_later_has_the_wall_time(tmp_path: Path) -> None:
    """A log opened again takes its time from the wall clock if that is ahead of its last event."""
    path, clocks = tmp_path / "log.db", Clocks()
    await _write(path, clocks, 0)
    clocks.wait(3 * HOUR)
    [event] = await _write(path, clocks, first=3)
    assert event.at == clocks.wall


def test_a_source_that_steps_back_is_made_up_for() -> None:
    """After a step back of its source, the clock goes on at the pace of the source."""
    times: Iterator[int] = iter([100, 40, 45, 60])
    clock = ForwardClock(lambda: next(times))
    found = [0]
    for _ in range(4):
        found.append(clock.after(found[-1]))
    assert found == [0, 100, 100, 105, 120]
