"""The program is killed with SIGKILL during a run against a real HTTP server, and resumed."""

import asyncio
import json
from pathlib import Path

import pytest
from killed_runs import events_in, prepare, serving, start_tp
from tiny_runs import finished_keys, said


@pytest.mark.parametrize("marks", [(1, 20, 60), (33, 34, 35)])
async def test_killed_three_times(tmp_path: Path, marks: tuple[int, ...]) -> None:
    """After three SIGKILLs the conversation equals that of a run that was never killed.

    No call with a reply in the log is made again, and the log does not contain the API key.
    """
    async with serving() as server:
        whole, killed = tmp_path / "whole", tmp_path / "killed"
        prepare(whole, server.url)
        prepare(killed, server.url)
        assert await (await start_tp(whole, "run", "run.toml")).wait() == 0
        paid = server.asked.copy()
        server.asked.clear()
        for number, mark in enumerate(marks):
            server.mark = server.asked.total() + mark
            server.reached.clear()
            process = (
                await start_tp(killed, "resume", "last")
                if number
                else await start_tp(killed, "run", "run.toml")
            )
            ended = asyncio.create_task(process.wait())
            reached = asyncio.create_task(server.reached.wait())
            await asyncio.wait({ended, reached}, return_when=asyncio.FIRST_COMPLETED)
            reached.cancel()
            if not ended.done():
                process.kill()
            await ended
        assert await (await start_tp(killed, "resume", "last")).wait() == 0
        events = events_in(killed)
        # Messages name no run, so two runs of one configuration can be compared byte for byte.
        assert sorted(said(events)) == sorted(said(events_in(whole)))
        keys = finished_keys(events)
        assert len(keys) == len(set(keys))
        assert set(server.asked) == set(paid)
        resumed = [json.loads(e.data)["reissued"] for e in events if e.kind == "run.resumed"]
        assert (server.asked - paid).total() <= sum(map(len, resumed))
        assert not any(b"not-a-secret" in event.data for event in events)
