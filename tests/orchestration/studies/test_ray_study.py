"""A study on a Ray cluster with two nodes, whose log is PostgreSQL."""

import asyncio
import sys
from pathlib import Path

import pytest
from child_processes import SUPPORT, child_environment
from killed_runs import serving
from log_stores import PostgresStore
from studies_making import (
    CELLS,
    carried_out,
    check_nothing_repeated,
    events_of,
    results,
    table_of,
    write_study,
)

from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.studies.executors.choice import make_executor
from transfer_prompting.orchestration.studies.logs import StudyLogs
from transfer_prompting.orchestration.studies.settings import ExecutorSettings

pytest.importorskip("ray")


async def test_a_worker_and_a_node_are_killed(tmp_path: Path, postgres_store: PostgresStore) -> None:
    """The table equals that of the undisturbed study by processes, and no finished call is repeated."""
    async with serving() as server:
        expected = await carried_out(tmp_path / "whole", server)
        study = write_study(tmp_path, server.url)
        study.write_text(study.read_text() + '[executor]\nkind = "ray"\n')
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, SUPPORT / "ray_study.py", study, postgres_store.place),
            env=child_environment(
                OPENAI_API_KEY="not-a-secret", RAY_USAGE_STATS_ENABLED="0", RAY_AUTH_MODE="disabled"
            ),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()[-3000:]
        told = [line for line in out.decode().splitlines() if line.startswith("test: ")]
        assert told == ["test: 2 nodes", "test: killed a worker", "test: killed a node"]
        events = events_of(tmp_path, postgres_store.place)
        assert len(events) == CELLS
        check_nothing_repeated(events, server)
        found = await table_of(tmp_path, "--log", str(postgres_store.place))
        assert results(found) == results(expected)


def test_no_cluster() -> None:
    """An address at which no cluster answers is an error at once, which says how to find the address."""
    settings = ExecutorSettings(kind="ray", address="127.0.0.1:9")
    with pytest.raises(ConfigError, match=r"executor.address = '127.0.0.1:9': nothing answers there"):
        make_executor(settings, StudyLogs(Path("small.db")))
