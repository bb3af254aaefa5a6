"""Logs that the tests of the server look at."""

from pathlib import Path

import pytest
import pytest_asyncio
from harbour_run import RUN, sail

from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

OTHER = "harbour-0002"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log of two finished runs. Nothing may be appended to it."""
    folder = tmp_path_factory.mktemp("two")
    await sail(folder, steps=1)
    return await sail(folder, OTHER, steps=1, history=1)


@pytest.fixture(scope="session")
def events_of(two_runs: Path) -> dict[str, list[Event]]:
    """Return the events of both runs by run."""
    with LogReader(two_runs) as reader:
        return {run: list(reader.read(run)) for run in (RUN, OTHER)}
