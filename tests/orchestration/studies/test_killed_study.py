"""A study by processes on this computer, against a real HTTP server, whose parts are killed."""

import asyncio
from pathlib import Path

from killed_runs import Server, serving, start_tp
from studies_making import (
    CELLS,
    carried_out,
    check_nothing_repeated,
    events_of,
    kill_a_worker,
    results,
    runs_under_way,
    table_of,
    wait_for_end,
    write_study,
    writer_of,
)


async def _until(server: Server, requests: int, ended: asyncio.Task[int]) -> None:
    """Wait until the server has got so many further requests."""
    server.mark = server.asked.total() + requests
    server.reached.clear()
    reached = asyncio.create_task(server.reached.wait())
    await asyncio.wait({ended, reached}, return_when=asyncio.FIRST_COMPLETED)
    reached.cancel()


async def test_killed_workers(tmp_path: Path) -> None:
    """After workers were killed the table equals that of the undisturbed study, and no call is repeated."""
    async with serving() as server:
        expected = await carried_out(tmp_path / "whole", server)
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
        assert results(await table_of(tmp_path)) == results(expected)
        assert runs_under_way(tmp_path) == []


async def test_a_killed_command(tmp_path: Path) -> None:
    """If the command itself is killed, its workers end, and `tp study resume` makes the rest alone."""
    async with serving() as server:
        expected = await carried_out(tmp_path / "whole", server)
        write_study(tmp_path, server.url)
        started = await start_tp(tmp_path, "study", "run")
        ended = asyncio.create_task(started.wait())
        await _until(server, 60, ended)
        workers = [process for log in runs_under_way(tmp_path) if (process := writer_of(log)) is not None]
        started.kill()
        await ended
        assert workers
        await asyncio.to_thread(wait_for_end, workers)
        resumed = await start_tp(tmp_path, "study", "resume")
        assert await resumed.wait() == 0, resumed.errors
        check_nothing_repeated(events_of(tmp_path), server)
        assert results(await table_of(tmp_path)) == results(expected)
        assert runs_under_way(tmp_path) == []
