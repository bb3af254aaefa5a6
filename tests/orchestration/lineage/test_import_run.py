"""A run can be moved to another log, either whole or not at all."""

import json
from pathlib import Path

import pytest
from program_calls import Tp
from tiny_runs import RUN, begin, ignore, read, scripted, tiny_config

from transfer_prompting.agents.messages import RunImported
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.lineage.import_run import bring_in
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.errors import BadFile
from transfer_prompting.storage.export_file import export
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
async def exported(tmp_path: Path) -> Path:
    """Return a whole run as a file."""
    await begin(tiny_config(tmp_path), tmp_path, scripted())
    with LogReader(tmp_path / "log.db") as reader:
        export(reader, RUN, tmp_path / "run.jsonl")
    return tmp_path / "run.jsonl"


async def test_there_and_back(exported: Path, tmp_path: Path) -> None:
    """An imported run has the same messages and ids, verifies, and can be re-enacted."""
    other = tmp_path / "other" / "log.db"
    original = read(tmp_path)
    assert await bring_in(exported, other) == (RUN, len(original))
    *copied, imported = read(other.parent)
    assert [(e.id, e.version, e.kind, e.data) for e in copied] == [
        (e.id, e.version, e.kind, e.data) for e in original
    ]
    message = decode(imported)
    assert isinstance(message, RunImported)
    assert (message.hash, message.last_at) == (original[-1].hash.hex(), original[-1].at)
    assert await lifecycle.reenact(other, RUN, ignore) == len(original) + 1


async def test_twice(exported: Path, tmp_path: Path) -> None:
    """Importing events that the log already holds changes nothing, in its own log or another."""
    before = read(tmp_path)
    assert await bring_in(exported, tmp_path / "log.db") == (RUN, 0)
    assert read(tmp_path) == before
    other = tmp_path / "other.db"
    await bring_in(exported, other)
    assert await bring_in(exported, other) == (RUN, 0)


async def test_another_run_of_that_name(exported: Path, tmp_path: Path) -> None:
    """A log with other events under the same name is not changed."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    await begin(tiny_config(folder, history=1), folder, scripted())
    before = read(folder)
    with pytest.raises(BadFile, match="already holds a run tiny-0001 with other events"):
        await bring_in(exported, folder / "log.db")
    assert read(folder) == before


def test_on_the_command_line(exported: Path, tmp_path: Path, tp: Tp) -> None:
    """Export, import, verify and replay work together as commands and report their results."""
    assert "Wrote" in tp("export", "tiny", "-o", "again.jsonl", "--log", tmp_path / "log.db").out
    assert (tmp_path / "again.jsonl").read_bytes() == exported.read_bytes()
    assert "Imported" in tp("import", "again.jsonl").out
    assert "already" in tp("import", "again.jsonl").out
    assert tp("verify", "--replay").out.startswith("tiny-0001: ok, ")
    (listed,) = json.loads(tp("runs", "--json").out)["runs"]
    assert listed["status"] == "finished"
    assert "exists" not in tp("watch").err
    refused = tp("export", "tiny", "-o", "again.jsonl")
    assert refused.status == 2
    assert "again.jsonl already exists" in refused.err
