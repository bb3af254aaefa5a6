"""A command that needs a redacted payload says so; other commands print what is left."""

import asyncio
import json
from pathlib import Path

import pytest
from program_calls import Tp
from tiny_runs import RUN, begin, scripted, tiny_config

from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.storage.event import Event


@pytest.fixture
def whole(tmp_path: Path) -> list[Event]:
    """Return the events of a whole run in the log `log.db`."""
    return asyncio.run(begin(tiny_config(tmp_path), tmp_path, scripted()))


def _redacted(folder: Path, seq: int) -> Path:
    asyncio.run(redact(folder / "log.db", RUN, seq, "asked for"))
    return folder / "log.db"


def test_best_without_its_verdict(whole: list[Event], tmp_path: Path, tp: Tp) -> None:
    """If the verdict is redacted, the error of `best` names its seq, and the commands it advises work."""
    verdict = next(event.seq for event in whole if event.kind == "run.finished")
    log = _redacted(tmp_path, verdict)
    refused = tp("best", RUN, "--log", log)
    assert (refused.status, refused.out) == (2, "")
    assert f"payload of seq {verdict} (run.finished) was redacted" in refused.err
    for advice in (("show", RUN, verdict), ("replay", RUN, "--to", verdict - 1, "--display", "none")):
        assert " ".join(map(str, advice[:4])) in refused.err
        assert tp(*advice, "--log", log).status == 0


def test_replay_without_its_beginning(whole: list[Event], tmp_path: Path, tp: Tp) -> None:
    """A run without its first payload cannot be replayed, and the commands that the error advises work."""
    log = _redacted(tmp_path, 1)
    refused = tp("replay", RUN, "--log", log)
    assert refused.status == 2
    assert "payload of seq 1 (run.started) was redacted" in refused.err
    assert "--to" not in refused.err
    for advice in (("show", RUN, 1), ("verify", RUN)):
        assert f"tp {' '.join(map(str, advice))}" in refused.err
        assert tp(*advice, "--log", log).status == 0


def test_json_lines(whole: list[Event], tmp_path: Path, tp: Tp) -> None:
    """In JSON every event is a valid line, and the message of a redacted event is null."""
    log = _redacted(tmp_path, 20)
    lines = tp("watch", RUN, "--display", "json", "--log", log).out.splitlines()
    messages = {row["seq"]: row["message"] for row in map(json.loads, lines)}
    assert len(messages) == len(whole) + 1
    assert [seq for seq, message in messages.items() if message is None] == [20]
