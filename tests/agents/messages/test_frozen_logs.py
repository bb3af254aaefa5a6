"""What earlier versions wrote is read, shown and re-enacted by this one."""

from pathlib import Path

import pytest
from frozen_logs import RUN, VERSIONS, frozen_events, import_run, samples

from transfer_prompting.agents.messages.codec import KINDS, decode, encode
from transfer_prompting.orchestration.projections.run_state import RunState, message_for
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

SAMPLES = [
    pytest.param(event, id=f"{version}-{event.kind}-{event.seq}")
    for version in VERSIONS
    for event in samples(version)
]


@pytest.mark.parametrize("event", SAMPLES)
def test_old_message_loads(event: Event) -> None:
    """A message of any released version is decoded; one in today's schema has the same bytes again."""
    message = decode(event)
    assert message.kind == event.kind
    if event.schema == message.SCHEMA:
        assert encode(message) == event.data


@pytest.mark.parametrize("version", VERSIONS)
def test_old_log_holds(version: str, tmp_path: Path) -> None:
    """A log of an older version has an unbroken chain, and each of its messages loads."""
    count = import_run(version, tmp_path / "log.db")
    with LogReader(tmp_path / "log.db") as reader:
        assert reader.verify(RUN) == count
        assert all(decode(event).kind in KINDS for event in reader.read(RUN))


@pytest.mark.parametrize("version", VERSIONS)
async def test_old_run_is_re_enacted(version: str, tmp_path: Path) -> None:
    """Today's agents, run over an old log, say byte for byte what it holds.

    Where this fails on purpose, because agents now decide otherwise, runs that people have begun can no
    longer be resumed: say so in the release notes, and add the run of the new version as a folder of its own.
    """
    count = import_run(version, tmp_path / "log.db")
    heard: list[Event] = []
    assert await lifecycle.reenact(tmp_path / "log.db", RUN, heard.append) == count
    assert len(heard) == count


@pytest.mark.parametrize("version", VERSIONS)
def test_old_run_is_shown(version: str, tmp_path: Path) -> None:
    """The outcome of an old run is what it was: a verdict, and a prompt for each stage."""
    view = RunState()
    for event in frozen_events(version, tmp_path):
        view.feed(event, message_for(event))
    assert view.outcome == "finished"
    assert view.verdict
    assert set(view.boards) == {"source", "target"}
    assert all(board.best() for board in view.boards.values())
