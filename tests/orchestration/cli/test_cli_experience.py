"""`tp experience`, its export, and `tp run --experience`."""

import asyncio
import json
from pathlib import Path

import pytest
from program_calls import Tp
from taught_logs import all_events, taught_log


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a log with two runs."""
    return asyncio.run(taught_log(tmp_path, monkeypatch))


def test_table_and_document(log: Path, tp: Tp) -> None:
    """Both name the model, its runs and the sentences; a filter that fits nothing says so."""
    table = tp("experience", "--log", log).out
    assert "For scripted, tasks with answers of type label" in table
    assert "2 runs, 1 tasks" in table
    found = json.loads(tp("experience", "--log", log, "--json").out)
    assert found["schema"] == "transfer-prompting/experience/1"
    assert found["models"][0]["runs"] == sorted({event.run for event in all_events(log)})
    assert found["models"][0]["sentences"]
    for words in (["--model", "nobody"], ["--kind", "number"]):
        assert "No run" in tp("experience", "--log", log, *words).out


def test_export_and_run(log: Path, tmp_path: Path, tp: Tp) -> None:
    """A pack is written, and `tp run --experience` takes it and the log, and refuses another file."""
    pack = tmp_path / "pack.json"
    assert "1 of your own first prompts" in tp("experience", "export", pack, "--log", log).out
    assert json.loads(pack.read_text())["lessons"]
    command = ["run", tmp_path / "c.toml", "--log", tmp_path / "new.db", "--dry-run", "--experience"]
    assert tp(*command, pack, "--experience", log).status == 0
    refused = tp(*command, tmp_path / "c.toml")
    assert refused.status == 2
    assert "c.toml" in refused.err


def test_why_tells_each_sentence(log: Path, tp: Tp) -> None:
    """Each sentence of a prompt has the event that brought it and its worth in the run."""
    events = {(event.run, event.seq): event for event in all_events(log)}
    found = json.loads(tp("why", "last", "best", "--log", log, "--json").out)
    assert found["sentences"]
    for sentence in found["sentences"]:
        event = events[found["run"], sentence["seq"]]
        assert sentence["sentence"].encode() in event.data
        assert event.kind in ("stage.started", "proposals.made")
        assert sentence["mean"] is not None
