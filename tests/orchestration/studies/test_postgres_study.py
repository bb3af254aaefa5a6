"""A study whose log is PostgreSQL, to which all workers write."""

import asyncio
import json
from pathlib import Path

from killed_runs import serving, start_tp
from log_stores import PostgresStore
from studies_making import STUDY, check_nothing_repeated, events_of, results, table_of, write_study

SMALL = STUDY[: STUDY.index("[models.little")].replace("[1, 2, 3]", "[1]")


async def test_two_commands_at_a_time(tmp_path: Path, postgres_store: PostgresStore) -> None:
    """Two commands that carry out one study share its runs: no call is made twice, and both end well."""
    async with serving() as server:
        write_study(tmp_path, server.url, SMALL)
        command = ("study", "run", "--log", str(postgres_store.place))
        both = [await start_tp(tmp_path, *command) for _ in range(2)]
        statuses = await asyncio.gather(*(one.wait() for one in both))
        assert statuses == [0, 0], [one.errors for one in both]
        events = events_of(tmp_path, postgres_store.place)
        assert len(events) == 6
        check_nothing_repeated(events, server)
        found = await table_of(tmp_path, "--log", str(postgres_store.place))
        assert json.loads(found)["finished"] == 6
        # The same study in a file has the same table.
        write_study(tmp_path, server.url, SMALL)
        started = await start_tp(tmp_path, "study", "run")
        assert await started.wait() == 0, started.errors
        assert results(await table_of(tmp_path)) == results(found)
