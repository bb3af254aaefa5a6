"""Runs in MLflow, in its real store of files."""

from pathlib import Path
from typing import Any

import pytest
from tiny_runs import RUN
from tracked_runs import SECRET, extend, library, send

from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.trackers.choice import follower_for
from transfer_prompting.orchestration.trackers.facts import RunFacts, facts_of
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a client of an empty store in a folder of the test."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", (tmp_path / "store").as_uri())
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME", raising=False)
    return library("mlflow.tracking").MlflowClient()


def export(folder: Path) -> None:
    send(folder, follower_for("mlflow", project=None, content=False))


def runs(client: Any) -> list[Any]:
    experiment = client.get_experiment_by_name("transfer-prompting")
    return list(client.search_runs([experiment.experiment_id]))


def everything(client: Any) -> Any:
    """Return what the store has of its only run, without ids and times of its own."""
    (run,) = runs(client)
    id_ = run.info.run_id
    history = {
        name: [(one.step, one.value) for one in client.get_metric_history(id_, name)]
        for name in run.data.metrics
    }
    return run.data.params, history, run.data.tags, run.info.status, run.info.start_time, run.info.end_time


def facts(folder: Path) -> RunFacts:
    with LogReader(folder / "log.db") as reader:
        return facts_of(read_history(reader, RUN), "")


def test_a_run(tmp_path: Path, events: list[Event], client: Any) -> None:
    """Parameters, curves, figures, verdict and best prompt are there, as the projections have them."""
    export(tmp_path / "run")
    (run,) = runs(client)
    wanted = facts(tmp_path / "run")
    assert run.info.run_name == RUN
    assert run.info.status == "FINISHED"
    assert run.data.params == wanted.parameters
    assert {name: run.data.metrics[name] for name in wanted.figures} == wanted.figures
    assert run.data.tags["transfer_prompting.verdict"] == wanted.words["verdict"]
    assert run.data.tags["transfer_prompting.identity"] == events[0].hash.hex()[:32]
    for name, points in wanted.curve.items():
        logged = client.get_metric_history(run.info.run_id, name)
        assert [(one.step, one.value) for one in logged] == [(p.evaluations, p.score) for p in points]
    place = client.download_artifacts(run.info.run_id, "best_prompt.txt", str(tmp_path))
    assert Path(place).read_text(encoding="utf-8") == wanted.prompts["best_prompt.txt"]


@pytest.mark.usefixtures("events")
def test_twice(tmp_path: Path, client: Any) -> None:
    """A second export changes nothing."""
    export(tmp_path / "run")
    once = everything(client)
    export(tmp_path / "run")
    assert everything(client) == once


async def test_in_parts(tmp_path: Path, events: list[Event], client: Any) -> None:
    """A run that is exported before its end, and again after it, is there once, with each point once."""
    for end in (len(events) // 3, 2 * len(events) // 3, len(events)):
        await extend(tmp_path / "copy", events[:end])
        export(tmp_path / "copy")
        (run,) = runs(client)
        assert run.info.status == ("FINISHED" if end == len(events) else "RUNNING")
    wanted = facts(tmp_path / "copy")
    _, history, *_ = everything(client)
    curves = {name: history[name] for name in wanted.curve}
    assert curves == {
        name: [(point.evaluations, point.score) for point in points] for name, points in wanted.curve.items()
    }


@pytest.mark.usefixtures("events", "client")
def test_nothing_of_this_computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither variables nor arguments of the program are sent."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    monkeypatch.setattr("sys.argv", ["tp", "--log", f"postgresql://me:{SECRET}@host/base"])
    export(tmp_path / "run")
    texts = [path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file()]
    assert texts
    assert not any(SECRET.encode() in text for text in texts)
