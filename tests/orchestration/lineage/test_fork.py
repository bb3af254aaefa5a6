"""A fork shares the beginning of a run without paying again, and can be replayed and resumed."""

import json
from pathlib import Path
from typing import Any

import pytest
from program_calls import Tp
from tiny_runs import (
    RUN,
    begin,
    ignore,
    read,
    reply_by_hash,
    resume,
    said,
    scripted,
    tiny_config,
)

from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.errors import ConfigError, ForkDivergence, ReplayDivergence, RunStopped
from transfer_prompting.orchestration.lineage.copy_events import Copier
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.errors import LogUnreadable, UnknownRun
from transfer_prompting.storage.event import Event, event_id
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedModel:
    """Return the model of every run that is resumed here."""
    model = scripted()
    roles = ("scorer", "reference")
    monkeypatch.setattr(
        lifecycle, "models_for", lambda *_: ModelPool.of(dict.fromkeys(roles, model), slots=16)
    )
    return model


async def _forked(folder: Path, at: int, **overrides: Any) -> list[Event]:
    log = folder / "log.db"
    name = await fork(log, RUN, at, overrides)
    await lifecycle.resume(log, name, ignore)
    return _events(log, name)


def _events(log: Path, run: str) -> list[Event]:
    with LogReader(log) as reader:
        reader.verify(run)
        return list(reader.read(run))


def _contents(events: list[Event]) -> list[tuple[str, str, bytes]]:
    return [m for m in said(events) if m[0] not in ("run.forked", "fork.made")]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.8, 0.99])
async def test_without_changes(tmp_path: Path, model: ScriptedModel, share: float) -> None:
    """A fork without changes has the same conversation as its origin and makes no call again."""
    original = await begin(tiny_config(tmp_path), tmp_path, model)
    calls = model.calls
    at = original[int(share * len(original))].seq
    forked = await _forked(tmp_path, at)
    assert sorted(_contents(forked)) == sorted(_contents(original))
    assert model.calls == calls
    shared = [e for e in original if e.seq <= at]
    assert [e.data for e in forked if e.kind != "call.finished"][: at // 4] == [
        e.data for e in original if e.kind != "call.finished"
    ][: at // 4]
    paid = {e.id for e in forked[: len(shared)]}
    assert not paid & {e.id for e in original}


async def test_replay_of_both(tmp_path: Path, model: ScriptedModel) -> None:
    """The fork and its origin both verify and re-enact byte for byte."""
    original = await begin(tiny_config(tmp_path), tmp_path, model)
    forked = await _forked(tmp_path, len(original) // 2)
    log = tmp_path / "log.db"
    assert await lifecycle.reenact(log, forked[0].run, ignore) == len(forked)
    assert await lifecycle.reenact(log, RUN, ignore) == len(original) + 1
    assert len(_events(log, RUN)) == len(original) + 1


async def test_notes_in_both(tmp_path: Path, model: ScriptedModel) -> None:
    """The fork names its origin, the seq and its hash; the origin names the fork."""
    original = await begin(tiny_config(tmp_path), tmp_path, model)
    forked = await _forked(tmp_path, 20)
    told = json.loads(next(e.data for e in forked if e.kind == "run.forked"))
    assert told["origin"] == RUN
    assert (told["at"], told["prefix"]) == (20, original[19].hash.hex())
    made = json.loads(read(tmp_path)[-1].data)
    assert (made["kind"], made["fork"], made["at"]) == ("fork.made", forked[0].run, 20)


async def test_a_changed_setting(tmp_path: Path, model: ScriptedModel) -> None:
    """A setting that the shared part does not depend on changes from the fork on."""
    original = await begin(tiny_config(tmp_path), tmp_path, model)
    at = next(e.seq for e in original if e.kind == "proposals.requested") - 1
    forked = await _forked(tmp_path, at, **{"search.temperature": 0.25, "target.steps": 1})
    assert json.loads(forked[0].data)["config"]["search"]["temperature"] == 0.25
    asked = [json.loads(e.data)["request"] for e in forked if e.kind == "call.requested"]
    assert {r["temperature"] for r in asked if "<instruction>" in r["messages"][-1]["content"]} == {0.25}
    (target,) = [m for m in map(_loaded, forked) if m["kind"] == "stage.started" and m["stage"] == "target"]
    assert target["steps"] == 1
    assert await lifecycle.reenact(tmp_path / "log.db", forked[0].run, ignore) == len(forked)


async def test_a_setting_that_comes_too_late(tmp_path: Path, model: ScriptedModel) -> None:
    """A setting that the shared part depends on is refused with the seq, and nothing is written."""
    original = await begin(tiny_config(tmp_path), tmp_path, model)
    first = next(e.seq for e in original if e.kind == "stage.started")
    with pytest.raises(ForkDivergence, match=rf"source\.steps changed.*seq {first} ") as caught:
        await fork(tmp_path / "log.db", RUN, 30, {"source.steps": 1})
    assert isinstance(caught.value, ReplayDivergence)
    assert caught.value.seq == first
    assert read(tmp_path) == original


async def test_of_a_run_that_failed(tmp_path: Path, model: ScriptedModel) -> None:
    """Failures, resumptions and reused replies of the shared part are copied and replayed."""
    asked = 0

    def faulty(request: ModelRequest) -> str | ModelError:
        nonlocal asked
        asked += 1
        if asked == 30:
            return ModelError("authentication", "The key is refused.")
        return reply_by_hash(request)

    config = tiny_config(tmp_path)
    with pytest.raises(RunStopped):
        await begin(config, tmp_path, scripted(faulty))
    original = await resume(config, tmp_path, model)
    assert any(e.kind == "call.failed" for e in original)
    forked = await _forked(tmp_path, original[-2].seq)
    assert await lifecycle.reenact(tmp_path / "log.db", forked[0].run, ignore) == len(forked)
    ids = {e.id for e in forked}
    assert any(m.get("reissued") for m in map(_loaded, forked))
    assert all(set(m["reissued"]) <= ids for m in map(_loaded, forked) if "reissued" in m)


def test_ids_within_messages() -> None:
    """A copied reply that reuses an earlier call names the copy of that call."""
    data = b'{"kind":"call.finished","reply":{"text":"\\u00e9"},"reused":"%s"}'
    call = event_id("a", None, "scorer/main", 0)
    asked = Event(1, "a", 1, call, "call.requested", 1, "scorer/main", (), None, 0, b"{}", b"")
    reply = asked._replace(
        id=event_id("a", call, "model/scorer", 0),
        kind="call.finished",
        sender="model/scorer",
        cause=call,
        data=data % call.encode(),
    )
    (_, copy), (_, answer) = Copier("b").copy([asked, reply])
    assert copy.id == event_id("b", None, "scorer/main", 0)
    assert (answer.cause, answer.data) == (copy.id, data % copy.id.encode())


def test_ids_of_another_program() -> None:
    """A run whose ids do not derive from its messages is not copied."""
    strange = Event(1, "a", 1, "mine", "run.started", 1, "user", (), None, 0, b"{}", b"")
    with pytest.raises(LogUnreadable, match="id of seq 1 does not derive"):
        list(Copier("b").copy([strange]))


async def test_of_a_fork(tmp_path: Path, model: ScriptedModel) -> None:
    """A fork can be forked; the second one names the first as its origin."""
    await begin(tiny_config(tmp_path), tmp_path, model)
    log = tmp_path / "log.db"
    one = await _forked(tmp_path, 40)
    two = await fork(log, one[0].run, one[60].seq, {})
    await lifecycle.resume(log, two, ignore)
    (told,) = [m for m in map(_loaded, _events(log, two)) if m["kind"] == "run.forked"]
    assert told["origin"] == one[0].run
    assert await lifecycle.reenact(log, two, ignore) == len(_events(log, two))


async def test_invalid_seqs(tmp_path: Path, model: ScriptedModel) -> None:
    """A run is not forked after its verdict, before its tasks are loaded, or where it has no event."""
    original = await begin(tiny_config(tmp_path), tmp_path, model)
    log = tmp_path / "log.db"
    with pytest.raises(ConfigError, match="finished at seq"):
        await fork(log, RUN, original[-1].seq, {})
    with pytest.raises(ConfigError, match="not all tasks"):
        await fork(log, RUN, 2, {})
    with pytest.raises(UnknownRun, match="no event with seq 99999"):
        await fork(log, RUN, 99_999, {})
    assert read(tmp_path) == original


def test_on_the_command_line(tmp_path: Path, tp: Tp, model: ScriptedModel) -> None:
    """The program forks, resumes, prints the new name and lists both runs as finished."""
    import asyncio

    asyncio.run(begin(tiny_config(tmp_path), tmp_path, model))
    log = tmp_path / "log.db"
    ended = tp("fork", "tiny", "--at", 30, "--set", "search.history=1", "--log", log, "--display", "plain")
    assert ended.status == 0, ended.err
    assert "The run is tiny-" in ended.err
    assert "forked from tiny-0001 at seq 30" in ended.err
    listed = json.loads(tp("runs", "--json", "--log", log).out)["runs"]
    assert [run["status"] for run in listed] == ["finished"] * 2
    assert tp("verify", "--replay", "--log", log).out.count(": ok, ") == 2
    refused = tp("fork", "tiny-0001", "--at", 30, "--set", "search.history", "--log", log)
    assert refused.status == 2


def _loaded(event: Event) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(event.data)
    return message
