"""After a message has a new schema, runs of the previous version still re-enact, resume and fork."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from tiny_runs import (
    RUN,
    begin,
    copy_prefix,
    finished_keys,
    ignore,
    read,
    resume,
    said,
    scripted,
    tiny_config,
    write_task,
)

from transfer_prompting.agents.messages import CallRequested, RunStarted, StageStarted, codec
from transfer_prompting.agents.upcasting import Payload, Upcasters
from transfer_prompting.orchestration.errors import ForkDivergence, ReplayDivergence
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event

Change = Callable[[Payload], Payload]
RISEN = (StageStarted, CallRequested, RunStarted)


def _earlier(old: Payload) -> Payload:
    """Return a `stage.started` payload of an earlier version, with the steps under another name."""
    return {("rounds" if name == "steps" else name): value for name, value in old.items()}


def _lift(old: Payload) -> Payload:
    return {("steps" if name == "rounds" else name): value for name, value in old.items()}


@pytest.fixture
def risen(monkeypatch: pytest.MonkeyPatch) -> Upcasters:
    """Let this version write three kinds in their second schema and know the upcast from the first."""
    steps = Upcasters()
    steps.step("stage.started", 1)(_lift)
    steps.step("call.requested", 1)(dict)
    steps.step("run.started", 1)(dict)
    for cls in RISEN:
        monkeypatch.setattr(cls, "SCHEMA", 2)
    monkeypatch.setattr(codec, "UPCASTERS", steps)
    return steps


async def _old_log(folder: Path, change: Change = _earlier) -> list[Event]:
    """Write the log of a run as the previous version did; its calls had other keys."""
    (folder / "whole").mkdir()
    events = await begin(tiny_config(folder / "whole"), folder / "whole", scripted())
    old = [_rewritten(event, change) for event in events]
    await copy_prefix(old, folder)
    return old


def _rewritten(event: Event, change: Change) -> Event:
    data: Any = orjson.loads(event.data)
    if event.kind.startswith("call."):
        data["key"] = "old-" + data["key"]
    if event.kind == "stage.started":
        data = change(data)
    schema = 1 if event.kind in ("stage.started", "call.requested", "run.started") else event.schema
    return event._replace(schema=schema, data=orjson.dumps(data))


@pytest.mark.usefixtures("risen")
async def test_reenacted(tmp_path: Path) -> None:
    """Messages in the old schema, once lifted, equal those that the agents publish now."""
    old = await _old_log(tmp_path)
    assert b'"rounds"' in b"".join(event.data for event in old)
    assert await lifecycle.reenact(tmp_path / "log.db", RUN, ignore) == len(old)


@pytest.mark.usefixtures("risen")
async def test_resumed(tmp_path: Path) -> None:
    """This version finishes a run that the previous one started, and repeats no answered call."""
    whole = await _old_log(tmp_path)
    folder = tmp_path / "cut"
    folder.mkdir()
    old = whole[: len(whole) * 2 // 3]
    await copy_prefix(old, folder)
    model = scripted()
    events = await resume(tiny_config(folder), folder, model)
    assert events[-1].kind == "run.finished"
    assert {event.schema for event in events[len(old) :] if event.kind == "call.requested"} == {2}
    assert len(said(events)) == len(said(whole))
    assert model.calls == len(finished_keys(whole)) - len(finished_keys(old))
    assert await lifecycle.reenact(folder / "log.db", RUN, ignore) == len(events)


@pytest.mark.parametrize("older", [False, True])
async def test_answers_are_reused(tmp_path: Path, older: bool, request: pytest.FixtureRequest) -> None:
    """A call that was answered before a crash is not repeated after it, whatever its old key."""
    if older:
        request.getfixturevalue("risen")
    for folder in (tmp_path / "whole", tmp_path / "cut"):
        write_task(folder, "first")
        shutil.copytree(folder / "first", folder / "second")  # so both stages ask the same of a prompt
    config = tiny_config(tmp_path / "whole")
    whole = await begin(config, tmp_path / "whole", scripted())
    cut = next(number for number, event in enumerate(whole) if event.kind == "prompt.promoted")
    before = [_rewritten(event, _earlier) for event in whole[:cut]] if older else whole[:cut]
    await copy_prefix(before, tmp_path / "cut")
    model = scripted()
    events = await resume(config, tmp_path / "cut", model)
    known = {event.id for event in before}
    assert any(orjson.loads(e.data)["reused"] in known for e in events if e.kind == "call.finished")
    assert model.calls == len(finished_keys(whole)) - len(finished_keys(before))


@pytest.mark.usefixtures("risen")
async def test_said_otherwise(tmp_path: Path) -> None:
    """An old payload that differs once lifted is still a divergence, with its seq."""
    old = await _old_log(tmp_path, lambda data: {**_earlier(data), "rounds": data["steps"] + 1})
    first = next(event.seq for event in old if event.kind == "stage.started")
    with pytest.raises(ReplayDivergence, match=r"steps") as caught:
        await lifecycle.reenact(tmp_path / "log.db", RUN, ignore)
    assert caught.value.seq == first


async def test_said_in_another_shape(tmp_path: Path) -> None:
    """A payload with a later schema than the agents' own is a divergence."""
    whole = await begin(tiny_config(tmp_path), tmp_path, scripted())
    later = [e._replace(schema=e.schema + 1) if e.kind == "stage.started" else e for e in whole]
    (tmp_path / "later").mkdir()
    await copy_prefix(later, tmp_path / "later")
    with pytest.raises(ReplayDivergence):
        await lifecycle.reenact(tmp_path / "later" / "log.db", RUN, ignore)


@pytest.mark.usefixtures("risen")
async def test_forked(tmp_path: Path) -> None:
    """An old run is forked with a changed setting: copies keep their schema, the opening has the new one."""
    old = await _old_log(tmp_path)
    asked = next(event.seq for event in old if event.kind == "proposals.requested")
    log = tmp_path / "log.db"
    name = await fork(log, RUN, asked - 1, {"search.temperature": 0.25})
    events: list[Event] = []
    assert await lifecycle.reenact(log, name, events.append) == asked
    schemas = {event.kind: event.schema for event in events}
    assert (schemas["run.started"], schemas["stage.started"]) == (2, 1)
    with pytest.raises(ForkDivergence):
        await fork(log, RUN, old[-2].seq, {"search.temperature": 0.25})
    assert len(read(tmp_path)) == len(old) + 1
