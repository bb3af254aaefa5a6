"""The examples of ordinary jobs run as they are, but for the address of the server."""

from pathlib import Path

import pytest
from job_server import JOBS, answering, prepare_job
from openai_serving import serving

from transfer_prompting.agents.messages import RunFinished, TaskLoaded
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader

NAMES = sorted(path.stem for path in JOBS.glob("*.toml"))


def messages_of(log: Path, kind: str) -> list[Event]:
    """Return the events of one kind in a log with one run."""
    with open_reader(log) as reader:
        return list(reader.read(reader.resolve("last"), kinds=(kind,)))


@pytest.mark.parametrize("name", NAMES)
def test_short(name: str) -> None:
    """The configuration of an ordinary job has at most 25 lines."""
    assert len((JOBS / f"{name}.toml").read_text().splitlines()) <= 25


@pytest.mark.parametrize("name", NAMES)
async def test_runs_stops_goes_on_and_replays(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that loses its server half-way goes on later to a verdict; its replay equals its log."""
    if "dspy" in name:
        pytest.importorskip("dspy", reason="needs the package dspy")
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.chdir(tmp_path)
    log = tmp_path / "run.db"
    async with serving() as endpoint:
        config = read_config(prepare_job(name, tmp_path / "job", endpoint.url))
        port = int(endpoint.url.rpartition(":")[2].partition("/")[0])

        def leave(number: int) -> None:
            if number == 12:
                endpoint.handler = endpoint.respond({"error": {"message": "no such key"}}, status=401)

        answering(endpoint, name, leave)
        with pytest.raises(RunStopped):
            await lifecycle.start(config, tmp_path / "job", log, lambda event: None)
    async with serving(port) as endpoint:
        answering(endpoint, name)
        run, finished = await lifecycle.resume(log, "last", lambda event: None)
    assert isinstance(finished, RunFinished)
    assert finished.comparisons, finished.verdict
    count = await lifecycle.reenact(log, run, lambda event: None)
    with open_reader(log) as reader:
        assert count == len(list(reader.read(run)))


async def test_replay_needs_no_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with a metric of one's own is replayed without the function, because the log holds its values."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.chdir(tmp_path)
    async with serving() as endpoint:
        answering(endpoint, "09")
        config = read_config(prepare_job("09_own_metric", tmp_path / "job", endpoint.url))
        run, _ = await lifecycle.start(config, tmp_path / "job", tmp_path / "run.db", lambda event: None)
    (tmp_path / "job" / "product_metric.py").unlink()
    assert await lifecycle.reenact(tmp_path / "run.db", run, lambda event: None)


async def test_nothing_is_added_to_an_own_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prompt with its own examples and form is sent as it is written, filled with the row."""
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.chdir(tmp_path)
    async with serving() as endpoint:
        answering(endpoint, "11")
        config = read_config(prepare_job("11_few_shot", tmp_path / "job", endpoint.url))
        await lifecycle.start(config, tmp_path / "job", tmp_path / "run.db", lambda event: None)
        sent = {body["messages"][0]["content"] for body, _ in endpoint.requests}
    [loaded] = messages_of(tmp_path / "run.db", "task.loaded")
    message = decode(loaded)
    assert isinstance(message, TaskLoaded)
    for example in message.task.test:
        assert f"Great soup! => +\nCold soup. => -\n{example.columns['text']} =>" in sent
