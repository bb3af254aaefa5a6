"""Runs at Weights & Biases, in its offline mode, which writes what a connection would send."""

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_runs import RUN
from tracked_runs import SECRET, library, send, wandb_records

from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.trackers.choice import follower_for
from transfer_prompting.orchestration.trackers.facts import RunFacts, facts_of
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let W&B write into the folder of the test, and end its service afterwards."""
    for name in ("WANDB_DIR", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setattr("sys.argv", ["tp", "--log", f"postgresql://me:{SECRET}@host/base"])
    wandb = library("wandb")
    wandb.teardown()
    yield wandb
    wandb.teardown()


def export(folder: Path) -> None:
    send(folder, follower_for("wandb", project="mine", content=False))


def facts(folder: Path) -> RunFacts:
    with LogReader(folder / "log.db") as reader:
        return facts_of(read_history(reader, RUN), "")


def items(updates: Any) -> dict[str, Any]:
    return {one.key or "/".join(one.nested_key): json.loads(one.value_json) for one in updates}


@pytest.mark.usefixtures("offline")
def test_a_run(tmp_path: Path, events: list[Event]) -> None:
    """Parameters, curves, figures, verdict and best prompt are written, and nothing of this computer.

    The id of the run follows from the log.
    """
    export(tmp_path / "run")
    wanted = facts(tmp_path / "run")
    records = wandb_records(tmp_path)
    run = next(record.run for record in records if record.WhichOneof("record_type") == "run")
    assert (run.run_id, run.project, run.display_name) == (events[0].hash.hex()[:32], "mine", RUN)
    assert items(run.config.update).items() >= wanted.parameters.items()
    rows = [items(r.history.item) for r in records if r.WhichOneof("record_type") == "history"]
    for name, points in wanted.curve.items():
        told = [(row["evaluations"], row["tokens"], row[name]) for row in rows if name in row]
        assert [(n, tokens) for n, tokens, _ in told] == [(p.evaluations, p.tokens) for p in points]
        assert [score for *_, score in told] == pytest.approx([p.score for p in points])
    summary: dict[str, Any] = {}
    for record in records:
        if record.WhichOneof("record_type") == "summary":
            summary |= items(record.summary.update)
    assert {name: summary[name] for name in wanted.figures} == pytest.approx(wanted.figures)
    assert summary["verdict"] == wanted.words["verdict"]
    artifact = next(r.artifact for r in records if r.WhichOneof("record_type") == "artifact")
    assert [entry.path for entry in artifact.manifest.contents] == ["best_prompt.txt"]
    texts = b"".join(record.SerializeToString() for record in records)
    assert SECRET.encode() not in texts
    assert b"postgresql" not in texts
    assert run.host == ""
    assert not list(tmp_path.rglob("requirements.txt"))
