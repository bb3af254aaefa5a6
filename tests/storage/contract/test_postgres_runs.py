"""Whole runs in a log in PostgreSQL, given by its URL as a command line gives it."""

import asyncio
from pathlib import Path

from log_stores import PostgresStore
from tiny_runs import scripted, tiny_config

from transfer_prompting.agents.models.base import Model
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader


async def test_runs_at_once(server: PostgresStore, tmp_path: Path) -> None:
    """Two runs carried on at once in one log are both whole, and each replays byte for byte."""
    place, config = Path(server.place), tiny_config(tmp_path)

    async def live(run: str) -> list[Event]:
        log, model = await EventLog.open(place), scripted()
        heard: list[Event] = []
        engine = RunEngine(await host_for(config.search_settings()))
        models: dict[str, Model] = {"scorer": model, "reference": model}
        try:
            live = LiveRun(log, run, engine, models, {"scorer": 4, "reference": 4}, heard.append)
            await live.begin(opening(config, tmp_path, models))
        finally:
            await log.close()
        return heard

    names = ["tiny-0001", "tiny-0002"]
    heard = await asyncio.gather(*map(live, names))
    with open_reader(place) as reader:
        for name, events in zip(names, heard, strict=True):
            assert list(reader.read(name)) == events
            assert events[-1].kind == "run.finished"
            assert await lifecycle.reenact(place, name, lambda _: None) == len(events)
