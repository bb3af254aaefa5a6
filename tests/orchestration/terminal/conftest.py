"""Fixtures of the terminal's tests: a real run of a scripted model, and logs made of its events."""

import asyncio
from pathlib import Path

import pytest
from tiny_runs import begin, raced_config, scripted

from transfer_prompting.storage.event import Event


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """The log of a whole run with races and a control, and its events."""
    folder = tmp_path_factory.mktemp("run")
    return folder / "log.db", asyncio.run(begin(raced_config(folder), folder, scripted()))
