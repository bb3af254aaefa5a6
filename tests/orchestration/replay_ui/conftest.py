"""Fixtures of the replay tests: a real run of a scripted model, in a log that is only read."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_runs import RUN, begin, raced_config, scripted

from transfer_prompting.orchestration.console.selection import Selection
from transfer_prompting.orchestration.projections.timeline import Timeline
from transfer_prompting.orchestration.replay_ui.player import Player
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Event]]:
    """Return the log of a complete run with races and a control, and its events."""
    folder = tmp_path_factory.mktemp("run")
    return folder / "log.db", asyncio.run(begin(raced_config(folder), folder, scripted()))


@pytest.fixture
def timeline(run: tuple[Path, list[Event]]) -> Iterator[Timeline]:
    """Yield a timeline that has read nothing of the run."""
    with LogReader(run[0]) as reader:
        yield Timeline(reader, RUN)


@pytest.fixture
def player(timeline: Timeline) -> Player:
    """Return a player at the first message of a run that is read to its end."""
    while timeline.read(500):
        pass
    return Player(timeline, Selection())
