"""Whole runs in a log in PostgreSQL, given by its URL as a command line gives it."""

import asyncio
from pathlib import Path

import pytest
from log_stores import PostgresStore, backend, draft
from tiny_runs import RUN, begin, ignore, said, scripted, tiny_config

from transfer_prompting.orchestration.budget.tracker import Terms
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.runtime.assembly import host_for, opening
from transfer_prompting.orchestration.runtime.drafts import message_draft
from transfer_prompting.orchestration.runtime.engine import RunEngine
from transfer_prompting.orchestration.runtime.live_run import LiveRun
from transfer_prompting.orchestration.runtime.recorded_run import RunVerdict
from transfer_prompting.storage.errors import RunBusy
from transfer_prompting.storage.event import Draft, Event
from transfer_prompting.storage.log import EventLog
from transfer_prompting.storage.opening import open_reader


async def test_runs_at_once(server: PostgresStore, tmp_path: Path) -> None:
    """Two concurrent runs in one log are both complete, and each replays byte for byte."""
    place, config = Path(server.place), tiny_config(tmp_path)

    async def live(run: str) -> list[Event]:
        log, model = await EventLog.open(place), scripted()
        heard: list[Event] = []
        engine = RunEngine(await host_for(config.search_settings()))
        pool = ModelPool.of({"scorer": model, "reference": model}, slots=4)
        try:
            live = LiveRun(log, run, engine, pool, heard.append)
            await live.start(opening(config, tmp_path, pool))
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


async def test_a_run_has_one_writer(server: PostgresStore) -> None:
    """A second process that continues the same run is refused immediately; other runs are free."""
    first = await EventLog.open(server.place, run="run-a")
    with pytest.raises(RunBusy, match=r"Run run-a .* is being continued by another process") as refused:
        await EventLog.open(server.place, run="run-a")
    assert "tp watch" in str(refused.value)
    other = await EventLog.open(server.place, run="run-b")
    await other.close()
    await first.close()
    again = await EventLog.open(server.place, run="run-a")
    await again.close()


async def test_the_same_run_in_two_schemas(server: PostgresStore) -> None:
    """The lock of a run is one of its log: a run of the same name in another schema is free."""
    first = await EventLog.open(server.place, run="run-a")
    elsewhere = f"{server.schema}_b"
    second = await EventLog.open(str(server.place).replace(server.schema, elsewhere), run="run-a")
    await first.close()
    await second.close()
    server.execute("SET client_min_messages = warning")
    server.execute(f"DROP SCHEMA {elsewhere} CASCADE")


async def test_a_lost_connection_gives_the_run_back_once(server: PostgresStore) -> None:
    """A writer whose connection was cut takes its run again, unless another process has it by then."""
    first = await EventLog.open(server.place, run="run-a")
    await first.append([draft(1)])
    server.execute("SELECT pg_terminate_backend(?, 5000)", backend(first))
    with pytest.raises(Exception, match="could not be written"):
        await first.append([draft(2)])
    second = await EventLog.open(server.place, run="run-a")
    for _ in range(2):
        with pytest.raises(RunBusy):
            await first.append([draft(2)])
    await second.close()
    assert (await first.append([draft(2)]))[0].seq == 2
    await first.close()


async def test_two_resumes(server: PostgresStore, tmp_path: Path) -> None:
    """Of two processes that resume a run at the same time, one finishes it and the other is refused."""
    config, model = tiny_config(tmp_path), scripted()
    whole = await begin(config, tmp_path, model)
    log = await EventLog.open(server.place)
    await log.append([Draft(*(getattr(event, name) for name in Draft._fields)) for event in whole[:60]])
    await log.close()
    pool = ModelPool.of({"scorer": model, "reference": model})

    async def go_on() -> RunVerdict:
        return await lifecycle._drive(config, server.place, RUN, pool, ignore, Terms(), None)

    async with asyncio.timeout(60):
        ended = await asyncio.gather(go_on(), go_on(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in ended) == ["RunBusy", "RunFinished"]
    events = server.events(RUN)
    assert [event.kind for event in events].count("run.resumed") == 1
    assert said(events) == said(whole)


async def test_an_event_that_is_there_already_wakes_the_run(server: PostgresStore, tmp_path: Path) -> None:
    """A run whose message is in the log already, written by somebody else, applies it and goes on."""
    config, model = tiny_config(tmp_path), scripted()
    pool = ModelPool.of({"scorer": model, "reference": model})
    log, other = await EventLog.open(server.place), await EventLog.open(server.place)
    live = LiveRun(log, RUN, RunEngine(await host_for(config.search_settings())), pool, ignore)
    messages = opening(config, tmp_path, pool)
    await other.append(
        [
            message_draft(
                RUN, "user", 0, messages[0], recipients=live._engine.host.recipients_of(messages[0].kind)
            )
        ]
    )
    await other.close()
    try:
        async with asyncio.timeout(60):
            await live.start(messages)
    finally:
        await log.close()
    events = server.events(RUN)
    assert events[-1].kind == "run.finished"
    assert await lifecycle.reenact(server.place, RUN, ignore) == len(events)
