"""Fixtures of the terminal tests."""

import asyncio
from pathlib import Path

import pytest
from tiny_runs import begin, raced_config, scripted

from transfer_prompting.storage.event import Event


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """Return the log of a complete run with races and a control, and its events."""
    folder = tmp_path_factory.mktemp("run")
    return folder / "log.db", asyncio.run(begin(raced_config(folder), folder, scripted()))
