"""Fixtures of the tests of trackers."""

from pathlib import Path

import pytest
from tracked_runs import tracked_run

from transfer_prompting.storage.event import Event


@pytest.fixture
async def events(tmp_path: Path) -> list[Event]:
    """Return the events of a finished run, whose log is "run/log.db"."""
    return await tracked_run(tmp_path / "run")
