"""Logs of earlier versions are read, shown and re-enacted by this version."""

from pathlib import Path

import pytest
from frozen_logs import RUNS, VERSIONS, import_run, samples
from tiny_runs import finished_keys, read, reenact, resume, scripted, tiny_config

from transfer_prompting.agents.messages.codec import KINDS, decode, encode
from transfer_prompting.orchestration.errors import ReplayDivergence
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.export_file import export, read_portable
from transfer_prompting.storage.sqlite.reader import LogReader

SAMPLES = [
    pytest.param(event, id=f"{version}-{event.kind}-{event.seq}")
    for version in VERSIONS
    for event in samples(version)
]


@pytest.mark.parametrize("event", SAMPLES)
def test_old_message_loads(event: Event) -> None:
    """A message of any released version is decoded; in the current schema it encodes to the same bytes."""
    message = decode(event)
    assert message.kind == event.kind
    if event.schema == message.SCHEMA:
        assert encode(message) == event.data


def _only_run(log: Path) -> str:
    with LogReader(log) as reader:
        [summary] = reader.runs()
    return summary.run


@pytest.mark.parametrize(("version", "name"), RUNS)
def test_old_log_holds(version: str, name: str, tmp_path: Path) -> None:
    """A log of an earlier version has an unbroken chain, and each of its messages is decoded."""
    count = import_run(version, tmp_path / "log.db", name)
    run = _only_run(tmp_path / "log.db")
    with LogReader(tmp_path / "log.db") as reader:
        assert reader.verify(run) == count
        assert all(decode(event).kind in KINDS for event in reader.read(run))


def _check_divergence(error: ReplayDivergence, count: int) -> None:
    """Check that an error says where an old log differs and which version wrote it."""
    assert 0 < error.seq <= count
    assert f"at seq {error.seq} it says" in str(error)
    assert "Version 0.1.0 wrote it, and this is version" in str(error)


@pytest.mark.parametrize(("version", "name"), RUNS)
async def test_old_run_is_re_enacted(version: str, name: str, tmp_path: Path) -> None:
    """Today's agents, run over an old log, send its messages, or the replay says where they differ."""
    count = import_run(version, tmp_path / "log.db", name)
    events: list[Event] = []
    try:
        assert await lifecycle.reenact(tmp_path / "log.db", "last", events.append) == count
    except ReplayDivergence as error:
        _check_divergence(error, count)
    else:
        assert len(events) == count


@pytest.mark.parametrize(("version", "name"), [run for run in RUNS if run[1] != "cut"])
def test_old_run_is_shown(version: str, name: str, tmp_path: Path) -> None:
    """The outcome of an old run is shown: a verdict, and a best prompt for each stage."""
    import_run(version, tmp_path / "log.db", name)
    view = RunState()
    with LogReader(tmp_path / "log.db") as reader:
        for event in reader.read(_only_run(tmp_path / "log.db")):
            view.apply(event, message_for(event))
    assert view.status == "finished"
    assert view.verdict
    assert "target" in view.leaderboards
    assert all(board.best() for board in view.leaderboards.values())


async def test_old_run_is_resumed(tmp_path: Path) -> None:
    """A killed run of an earlier version is resumed without repeating a call, or says where it differs."""
    count = import_run("v2", tmp_path / "log.db", "cut")
    before = read(tmp_path)
    try:
        after = await resume(tiny_config(tmp_path, examples=12, concurrent_steps=2), tmp_path, scripted())
    except ReplayDivergence as error:
        _check_divergence(error, count)
        assert read(tmp_path) == before
        return
    assert len(before) == count
    assert after[:count] == before
    assert after[-1].kind == "run.finished"
    keys = finished_keys(after)
    assert len(keys) == len(set(keys))
    assert await reenact(tmp_path) == len(after)


@pytest.mark.parametrize(("version", "name"), RUNS)
def test_old_run_is_exported(version: str, name: str, tmp_path: Path) -> None:
    """An old log is exported to a file that holds every event of it."""
    count = import_run(version, tmp_path / "log.db", name)
    with LogReader(tmp_path / "log.db") as reader:
        run = _only_run(tmp_path / "log.db")
        assert export(reader, run, tmp_path / "run.jsonl") == count
        assert list(read_portable(tmp_path / "run.jsonl").events) == list(reader.read(run))
