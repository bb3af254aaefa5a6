"""A study by processes on this computer, against a real HTTP server, whose parts are killed."""

import asyncio
from pathlib import Path

import pytest
from forked_programs import TP, run_forked
from killed_runs import Server, serving, start_tp
from studies_making import (
    CELLS,
    check_nothing_repeated,
    events_of,
    kill_a_worker,
    results,
    runs_under_way,
    write_study,
)


async def _until(server: Server, requests: int, ended: asyncio.Task[int]) -> None:
    """Wait until the server has got so many further requests."""
    server.mark = server.asked.total() + requests
    server.reached.clear()
    reached = asyncio.create_task(server.reached.wait())
    await asyncio.wait({ended, reached}, return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()


async def _table(folder: Path) -> str:
    done = await asyncio.to_thread(run_forked, TP, "study", "show", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def _undisturbed(folder: Path, server: Server) -> str:
    """Carry out the study in another folder; return its document."""
    write_study(folder, server.url)
    assert await (await start_tp(folder, "study", "run")).wait() == 0
    check_nothing_repeated(events_of(folder), server)
    server.asked.clear()
    return await _table(folder)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for the undisturbed study."""
    return tmp_path_factory.mktemp("whole")


async def test_killed_workers(tmp_path: Path, whole: Path) -> None:
    """After workers were killed the table equals that of the undisturbed study, and no call is repeated."""
    async with serving() as server:
        expected = await _undisturbed(whole, server)
        write_study(tmp_path, server.url)
        started = await start_tp(tmp_path, "study", "run")
        ended = asyncio.create_task(started.wait())
        killed = 0
        for requests in (10, 40, 90):
            await _until(server, requests, ended)
            killed += kill_a_worker(tmp_path)
        assert await ended == 0, started.errors
        assert killed == 3
        events = events_of(tmp_path)
        assert len(events) == CELLS
        assert sum(event.kind == "run.resumed" for of_run in events.values() for event in of_run) >= 1
        check_nothing_repeated(events, server)
        assert results(await _table(tmp_path)) == results(expected)
        assert runs_under_way(tmp_path) == []
