"""Logs of older versions: dropped settings are ignored, and decisions that differ are told apart clearly."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import begin, copy_prefix, read, reenact, resume, scripted, tiny_config

from transfer_prompting.orchestration.config.overrides import apply
from transfer_prompting.orchestration.config.settings import recorded_config
from transfer_prompting.orchestration.errors import ConfigError, ReplayDivergence
from transfer_prompting.orchestration.runtime.recorded_run import read_recorded
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

Change = Callable[[Any], None]


def _changed(event: Event, change: Change) -> Event:
    data = json.loads(event.data)
    change(data)
    return event._replace(data=json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())


def _with_rules(version: int) -> Change:
    def change(started: Any) -> None:
        started["config"]["search"]["reading"] = version

    return change


def _written_by(version: str) -> Change:
    def change(started: Any) -> None:
        started["versions"]["transfer-prompting"] = version

    return change


def _read_nothing(scored: Any) -> None:
    scored["outcomes"][0]["answer"] = None


async def _older(tmp_path: Path, version: str) -> tuple[Path, int]:
    """Write a log whose first score rests on another reading of a reply; return its folder and the seq."""
    events = await begin(tiny_config(tmp_path), tmp_path, scripted())
    at = next(i for i, event in enumerate(events) if event.kind == "prompt.scored")
    started = _changed(events[0], _written_by(version))
    scored = _changed(events[at], _read_nothing)
    folder = tmp_path / "older"
    folder.mkdir()
    await copy_prefix([started, *events[1:at], scored, *events[at + 1 : -1]], folder)
    return folder, scored.seq


@pytest.mark.parametrize("version", [1, 2])
async def test_versions_of_the_rules(tmp_path: Path, version: int) -> None:
    """A log that records a version of the reading rules is read and re-enacted; the setting is ignored."""
    events = await begin(tiny_config(tmp_path), tmp_path, scripted())
    folder = tmp_path / "older"
    folder.mkdir()
    await copy_prefix([_changed(events[0], _with_rules(version)), *events[1:]], folder)
    with LogReader(folder / "log.db") as reader:
        config, _ = read_recorded(reader, reader.resolve("last"))
    assert not hasattr(config.search, "reading")
    assert await reenact(folder) == len(events)


async def test_other_decisions(tmp_path: Path) -> None:
    """Re-enacting a log whose decisions differ says where, what differs, and which version wrote the log."""
    folder, seq = await _older(tmp_path, "0.0.7")
    with pytest.raises(ReplayDivergence, match=r"Version 0\.0\.7 wrote it, and this is version \d") as caught:
        await reenact(folder)
    assert caught.value.seq == seq
    assert f"at seq {seq} it says prompt.scored" in str(caught.value)
    assert re.search(r'"answer":null.*"answer":"(?:yes|no)"', str(caught.value))


async def test_resuming_with_other_decisions(tmp_path: Path) -> None:
    """Resuming such a log ends with the same error, and writes nothing."""
    folder, seq = await _older(tmp_path, "0.0.7")
    before = read(folder)
    with pytest.raises(ReplayDivergence, match=rf"at seq {seq} .* Version 0\.0\.7 wrote it"):
        await resume(tiny_config(tmp_path), folder, scripted())
    assert read(folder) == before


def test_unknown_version() -> None:
    """A log without the version says so, and one with an endless version is cut."""
    assert "does not say which version wrote it" in str(ReplayDivergence(7, "this", "that"))
    assert len(str(ReplayDivergence(7, "this", "that", "9" * 10_000))) < 1000


def test_fork_of_an_older_run(tmp_path: Path) -> None:
    """A fork drops the version of the reading rules, and cannot set one."""
    recorded = tiny_config(tmp_path).model_dump(mode="json", exclude={"log"})
    recorded["search"]["reading"] = 2
    assert apply(recorded, {"search.temperature": 0.5}).search.temperature == 0.5
    with pytest.raises(ConfigError, match=r"search\.reading"):
        apply(recorded, {"search.reading": 2})


def test_damaged_configuration() -> None:
    """Damaged search settings stay as they are, to be refused."""
    assert recorded_config({"search": "x"}) == {"search": "x"}
