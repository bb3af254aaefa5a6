"""A fork with another model or other search settings pays nothing for the shared part and then differs."""

import json
from pathlib import Path
from typing import Any

import pytest
from program_calls import Tp
from tiny_runs import RUN, begin, finished_keys, ignore, read, reply_by_hash, scripted, tiny_config

from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ForkDivergence, OrchestrationError
from transfer_prompting.orchestration.lineage import fork as fork_module
from transfer_prompting.orchestration.lineage.fork import fork
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader

OTHER = {"provider": "openai", "model": "other", "base_url": "http://127.0.0.1:9/v1"}
Models = dict[str, ScriptedModel]


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Models:
    """Return the models that are made, by identity; a role whose settings name no model gets "scripted"."""
    made: Models = {}

    def models_for(config: Config, *_own: object) -> ModelPool:
        names = {role: settings.model or "scripted" for role, settings in config.models if settings}
        for name in names.values():
            made.setdefault(name, ScriptedModel(reply_by_hash, identity=name))
        return ModelPool.of({role: made[name] for role, name in names.items()})

    monkeypatch.setattr(lifecycle, "models_for", models_for)
    monkeypatch.setattr(fork_module, "models_for", models_for)
    return made


async def _origin(folder: Path, kind: str) -> tuple[list[Event], int]:
    """Return a whole run, and the seq before the first message of `kind`."""
    original = await begin(tiny_config(folder), folder, scripted())
    return original, next(e.seq for e in original if e.kind == kind) - 1


async def _resumed(folder: Path, at: int, **overrides: Any) -> list[Event]:
    name = await fork(folder / "log.db", RUN, at, overrides)
    await lifecycle.resume(folder / "log.db", name, ignore)
    assert await lifecycle.reenact(folder / "log.db", name, ignore) > at
    return _events(folder, name)


def _events(folder: Path, run: str) -> list[Event]:
    with LogReader(folder / "log.db") as reader:
        reader.verify(run)
        return list(reader.read(run))


def _started(events: list[Event]) -> dict[str, Any]:
    started: dict[str, Any] = json.loads(events[0].data)
    return started


async def test_another_reference_model(tmp_path: Path, models: Models) -> None:
    """Another model writes the prompts from the fork on; the scorer's earlier answers are shared."""
    original, at = await _origin(tmp_path, "proposals.requested")
    forked = await _resumed(tmp_path, at, **{"models.reference": OTHER})
    assert _started(forked)["models"] == {"scorer": "scripted", "reference": "other"}
    assert _started(forked)["config"]["models"]["reference"]["model"] == "other"
    assert models["other"].calls > 0
    shared = finished_keys(original[:at])
    assert shared
    assert finished_keys(forked)[: len(shared)] == shared
    assert models["scripted"].calls + models["other"].calls == len(finished_keys(forked)) - len(shared)


async def test_key_by_key(tmp_path: Path, models: Models) -> None:
    """Settings of a model can be changed singly; another concurrency does not make another model."""
    _, at = await _origin(tmp_path, "proposals.requested")
    keys = {f"models.reference.{name}": value for name, value in OTHER.items()}
    assert _started(await _resumed(tmp_path, at, **keys))["models"]["reference"] == "other"
    late = read(tmp_path)[-4].seq
    slots = await _resumed(tmp_path, late, **{"models.reference.concurrency": 2})
    assert _started(slots)["models"]["reference"] == "scripted"


@pytest.mark.usefixtures("models")
async def test_a_model_that_has_spoken(tmp_path: Path) -> None:
    """After the first call of a model it cannot change: the error names the setting and the seq."""
    original, _ = await _origin(tmp_path, "proposals.requested")
    call = next(e.seq for e in original if e.kind == "call.requested" and e.sender == "reference/main")
    with pytest.raises(ForkDivergence, match=rf"models\.reference changed.*seq {call} "):
        await fork(tmp_path / "log.db", RUN, call + 5, {"models.reference": OTHER})
    assert read(tmp_path) == original


async def test_the_other_role_keeps_its_identity(tmp_path: Path, models: Models) -> None:
    """A scorer keeps the identity in the log, and resuming with another identity is refused."""
    _, at = await _origin(tmp_path, "proposals.requested")
    models["scripted"] = ScriptedModel(reply_by_hash, identity="renamed")
    name = await fork(tmp_path / "log.db", RUN, at, {"models.reference": OTHER})
    assert _started(_events(tmp_path, name))["models"] == {"scorer": "scripted", "reference": "other"}
    with pytest.raises(OrchestrationError, match="started with scripted as the scorer's model"):
        await lifecycle.resume(tmp_path / "log.db", name, ignore)


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("search.operators", ["history"]),
        ("search.exemplars", 1),
        ("search.history", 2),
        ("search.proposal_tokens", 80),
        ("search.thrift", 0.5),
    ],
)
async def test_another_search(tmp_path: Path, key: str, value: object) -> None:
    """Search settings without effect so far can be changed; the fork finishes and replays."""
    _, at = await _origin(tmp_path, "proposals.requested")
    forked = await _resumed(tmp_path, at, **{key: value})
    assert _started(forked)["config"]["search"][key.removeprefix("search.")] == value
    assert forked[-1].kind == "run.finished"


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(("key", "value"), [("search.max_tokens", 7), ("search.objective", "composite")])
async def test_a_search_that_has_begun(tmp_path: Path, key: str, value: object) -> None:
    """A setting that scores depend on is refused once there are scores, and accepted before."""
    original, scored = await _origin(tmp_path, "stage.finished")
    with pytest.raises(ForkDivergence, match=key.replace(".", r"\.")):
        await fork(tmp_path / "log.db", RUN, scored, {key: value})
    assert read(tmp_path) == original
    asked = next(e.seq for e in original if e.kind == "stage.started") - 1
    assert (await _resumed(tmp_path, asked, **{key: value}))[-1].kind == "run.finished"


@pytest.mark.usefixtures("models")
def test_on_the_command_line(tmp_path: Path, tp: Tp) -> None:
    """Tables, lists, numbers and plain text are accepted; an invalid value is named by its key."""
    import asyncio

    _, at = asyncio.run(_origin(tmp_path, "proposals.requested"))
    place = ("--log", tmp_path / "log.db", "--display", "none")
    table = 'models.reference={provider="openai", model="other", base_url="http://127.0.0.1:9/v1"}'
    ended = tp("fork", "tiny", "--at", at, "--set", table, "--set", 'search.operators=["history"]', *place)
    assert ended.status == 0, ended.err
    one_by_one = ("--set", "models.reference.provider=autogen", "--set", "models.reference.model=a:b")
    assert tp("fork", RUN, "--at", at, *one_by_one, *place).status == 0
    refused = tp("fork", RUN, "--at", at, "--set", "models.reference.provider=autogen", *place)
    assert refused.status == 2
    assert "models.reference" in refused.err
    assert "provider 'autogen' needs model" in refused.err
    unknown = tp("fork", RUN, "--at", at, "--set", 'search.operators=["guess"]', *place)
    assert unknown.status == 2
    assert "search.operators" in unknown.err


async def test_models_without_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that a role brings along, such as its tools, has no settings and cannot have changed."""
    _, at = await _origin(tmp_path, "proposals.requested")
    other = ScriptedModel(reply_by_hash, identity="other")
    pool = ModelPool.of(dict.fromkeys(("scorer", "reference", "adviser.tools"), other))
    monkeypatch.setattr(fork_module, "models_for", lambda *_: pool)
    name = await fork(tmp_path / "log.db", RUN, at, {"models.reference": OTHER})
    assert _started(_events(tmp_path, name))["models"] == {"scorer": "scripted", "reference": "other"}
