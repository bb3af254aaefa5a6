"""Group commit, listeners, and the isolation of appenders from each other."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from log_making import draft, events

from transfer_prompting.storage.errors import IdConflict, RowRefused
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog


async def test_concurrent_appends(tmp_path: Path) -> None:
    """Sixty-four concurrent appends each get their own event."""
    path = tmp_path / "log.db"
    log = await EventLog.open(path)
    appended = await asyncio.gather(*(log.append([draft(n)]) for n in range(64)))
    await log.close()
    assert [e.id for (e,) in appended] == [f"run-a/{n}" for n in range(64)]
    assert sorted((e for (e,) in appended), key=lambda e: e.seq) == events(path)


async def test_listeners_hear_the_log(tmp_path: Path) -> None:
    """Every listener receives every event once, in log order."""
    path = tmp_path / "log.db"
    heard: list[Event] = []
    also: list[Event] = []
    done = asyncio.Event()

    def listen(batch: Sequence[Event]) -> None:
        also.extend(batch)
        if len(also) == 64:
            done.set()

    log = await EventLog.open(path)
    log.listen(heard.extend)
    log.listen(listen)
    await asyncio.gather(*(log.append([draft(n), draft(n + 100)]) for n in range(32)))
    await done.wait()
    await log.close()
    assert heard == also == events(path)


async def test_known_events_are_not_told_again(tmp_path: Path) -> None:
    """Appending a stored event again does not notify listeners."""
    heard: list[int] = []
    log = await EventLog.open(tmp_path / "log.db")
    log.listen(lambda batch: heard.extend(e.seq for e in batch))
    for number in (1, 1, 2):
        await log.append([draft(number)])
    await asyncio.sleep(0)
    await log.close()
    assert heard == [1, 2]


def test_listener_of_a_loop_that_is_gone(tmp_path: Path) -> None:
    """A listener whose event loop is closed does not stop the writer."""
    path = tmp_path / "log.db"

    async def begin() -> EventLog:
        log = await EventLog.open(path)
        log.listen(lambda batch: None)
        return log

    log = asyncio.run(begin())
    assert log.submit([draft(1)]).result()[0].seq == 1
    assert log.submit([draft(2)]).result()[0].seq == 2
    asyncio.run(log.close())


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"schema": "one"}, RowRefused),
        ({"schema": 2**70}, RowRefused),
        ({"sender": None}, RowRefused),
        ({"kind": "\ud800"}, RowRefused),
        ({"data": ["not bytes"]}, RowRefused),
        ({"id": "run-a/0"}, IdConflict),
    ],
    ids=lambda value: str(value).encode("ascii", "replace").decode() if isinstance(value, dict) else "",
)
async def test_bad_batch_among_good_ones(tmp_path: Path, bad: dict[str, Any], error: type[Exception]) -> None:
    """An invalid batch is refused alone and leaves no gap."""
    path = tmp_path / "log.db"
    log = await EventLog.open(path)
    await log.append([draft(0)])
    spoilt = draft(7, data=b"spoilt")._replace(**bad)
    results = await asyncio.gather(
        *(log.append([draft(n)]) for n in (1, 2)),
        log.append([draft(3), spoilt]),
        *(log.append([draft(n)]) for n in (4, 5)),
        return_exceptions=True,
    )
    await log.append([draft(6)])
    await log.close()
    assert isinstance(results[2], error)
    assert [e.id for e in events(path)] == [f"run-a/{n}" for n in (0, 1, 2, 4, 5, 6)]
    assert [e.seq for e in events(path)] == [1, 2, 3, 4, 5, 6]


async def test_cancelled_appender(tmp_path: Path) -> None:
    """Cancelling a waiting append does not affect other appends."""
    path = tmp_path / "log.db"
    log = await EventLog.open(path)
    waiting = asyncio.ensure_future(log.append([draft(1)]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await log.append([draft(2)])
    await log.close()
    assert [e.id for e in events(path)] == ["run-a/1", "run-a/2"]


async def test_close_commits_what_waits(tmp_path: Path) -> None:
    """Every batch submitted before `close` is committed before it returns."""
    path = tmp_path / "log.db"
    log = await EventLog.open(path)
    written = [log.submit([draft(n)]) for n in range(20)]
    await log.close()
    assert all(one.done() for one in written)
    assert len(events(path)) == 20
