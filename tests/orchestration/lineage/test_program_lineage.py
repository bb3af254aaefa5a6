"""A run of programs can be given more budget, and moved to another log with all that its views show."""

import json
from collections import Counter
from pathlib import Path

import pytest
from program_calls import Tp
from program_runs import FILE, TWO_STEPS, Fixed, answer_as_steps, inner, program_config
from tiny_runs import finished_keys, ignore, said, scripted

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.config.functions import with_functions
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import NotApproved
from transfer_prompting.orchestration.lineage import fork as fork_module
from transfer_prompting.orchestration.lineage.extend import extend
from transfer_prompting.orchestration.lineage.import_run import bring_in
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.orchestration.trust.consent import Consent
from transfer_prompting.orchestration.trust.records import STATE_VARIABLE
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.export_file import export
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.place import Place

_OF_ONE_LOG = {"clock", "seq", "seqs", "seconds", "time", "latency", "busy", "longest", "at"}
"""Words in the names of values that each log assigns itself."""
POOR = BudgetSettings(calls=60)


class Asked:
    """Answers as `answer_as_steps`, and counts how often each request was sent."""

    def __init__(self) -> None:
        self.times: Counter[str] = Counter()

    def __call__(self, request: ModelRequest) -> str:
        self.times[request.model_dump_json()] += 1
        return answer_as_steps(request)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Asked:
    """Let the life cycle of runs use a counted model beside real programs, with `tmp_path` as the folder."""
    monkeypatch.chdir(tmp_path)
    asked = Asked()
    for module in (lifecycle, fork_module):
        monkeypatch.setattr(module, "models_for", Fixed(scripted(asked)))
    return asked


def own_config(folder: Path, **changes: object) -> Config:
    """Return the configuration of a run of a program whose function is found."""
    return with_functions(program_config(folder, TWO_STEPS, **changes), folder)  # type: ignore[arg-type]


def events_of(log: Place, run: str) -> list[Event]:
    """Return the log of a run."""
    with open_reader(log) as reader:
        reader.verify(run)
        return list(reader.read(run))


async def extended(folder: Path, log: Path) -> tuple[str, str]:
    """Carry out a run until its budget ends, give it more; return the names of both runs."""
    poor = own_config(folder).changed({"budget": POOR})
    first, _ = await lifecycle.start(poor, folder, log, ignore)
    more, limits = await extend(log, first, "calls=5000")
    second, _ = await lifecycle.resume(log, more, ignore, budget=limits)
    return first, second


async def test_more_budget(tmp_path: Path, asked: Asked) -> None:
    """A run that is given more budget ends as one that had it from the start, and pays no call twice."""
    log = tmp_path / "log.db"
    first, second = await extended(tmp_path, log)
    spent, events = events_of(log, first), events_of(log, second)
    assert "budget.exhausted" in {event.kind for event in spent}
    assert set(asked.times.values()) == {1}
    whole, _ = await lifecycle.start(own_config(tmp_path), tmp_path, tmp_path / "whole.db", ignore)
    # The first message holds the budget, the extended run a note of the fork.
    told = [message for message in said(events)[1:] if message[0] != "run.forked"]
    assert sorted(told) == sorted(said(events_of(tmp_path / "whole.db", whole))[1:])
    assert await lifecycle.reenact(log, second, ignore) == len(events)


async def test_more_budget_with_a_program_elsewhere(tmp_path: Path, asked: Asked) -> None:
    """Somebody who extends a run with a configuration of their own uses the program that it names."""
    log, elsewhere = tmp_path / "log.db", tmp_path / "elsewhere"
    poor = own_config(tmp_path).changed({"budget": POOR})
    first, _ = await lifecycle.start(poor, tmp_path, log, ignore)
    elsewhere.mkdir()
    own = own_config(elsewhere)
    (tmp_path / FILE).unlink()
    more, limits = await extend(log, first, "calls=5000", consent=Consent(own=own))
    second, _ = await lifecycle.resume(log, more, ignore, budget=limits)
    assert events_of(log, second)[-1].kind == "run.finished"
    assert set(asked.times.values()) == {1}


async def moved(run: str, log: Path) -> Path:
    """Export the run and import it into another log; return that log."""
    other = log.parent / "other.db"
    with open_reader(log) as reader:
        export(reader, run, log.parent / "run.jsonl")
    await bring_in(log.parent / "run.jsonl", other)
    return other


@pytest.fixture
async def places(tmp_path: Path, asked: Asked) -> tuple[str, Path, Path]:
    """Return an extended run, its log, and another log into which it was imported."""
    _, run = await extended(tmp_path, tmp_path / "log.db")
    return run, tmp_path / "log.db", await moved(run, tmp_path / "log.db")


def test_an_imported_run_is_replayed(places: tuple[str, Path, Path], tp: Tp) -> None:
    """After an import every event is the same byte for byte; it verifies and is replayed without program."""
    run, log, other = places
    (log.parent / FILE).unlink()
    *copied, imported = events_of(other, run)
    assert [(e.id, e.cause, e.kind, e.sender, e.data) for e in copied] == [
        (e.id, e.cause, e.kind, e.sender, e.data) for e in events_of(log, run)
    ]
    assert imported.kind == "run.imported"
    assert tp("verify", "--replay", "--log", other).out.startswith(f"{run}: ok, ")


def test_an_imported_run_shows_all(places: tuple[str, Path, Path], tp: Tp) -> None:
    """What the commands tell of a run, traces and costs included, they tell of its import, too."""
    run, log, other = places
    events = events_of(log, run)
    execution = next(event for event in inner(events)).cause
    place = next(at for at, event in enumerate(events) if event.id == execution)
    here = {at: event.seq for at, event in enumerate(events)}
    there = {at: event.seq for at, event in enumerate(events_of(other, run))}
    shown = json.loads(tp("show", run, here[place], "--json", "--log", log).out)["trace"]
    again = json.loads(tp("show", run, there[place], "--json", "--log", other).out)["trace"]
    assert _told(again) == _told(shown)
    assert [step["replied"] for step in shown["steps"] if step["call"]]
    for command in (("best",), ("best", "--as", "python"), ("cost", "--json"), ("why", "best", "--json")):
        name, *options = command
        told, told_again = (tp(name, run, *options, "--log", place) for place in (log, other))
        assert (told.status, told_again.status) == (0, 0), command
        assert _told(_json(told_again.out)) == _told(_json(told.out)), command


async def test_an_imported_run_goes_on(tmp_path: Path, asked: Asked) -> None:
    """A run that stopped half-way goes on after its import once it is approved, and pays nothing again."""
    log = tmp_path / "log.db"
    config = own_config(tmp_path)
    whole, _ = await lifecycle.start(config, tmp_path, log, ignore)
    events = events_of(log, whole)
    half = await fork_module.fork(log, whole, inner(events)[31].seq, {})
    other = await moved(half, log)
    before = len(finished_keys(events_of(other, half)))
    asked.times.clear()
    name, _ = await lifecycle.resume(other, half, ignore, consent=Consent(trust=True))
    ended = events_of(other, name)
    assert ended[-1].kind == "run.finished"
    assert set(asked.times.values()) == {1}
    keys = finished_keys(ended)
    assert len(keys) == len(set(keys)) > before > 0
    assert await lifecycle.reenact(other, name, ignore) == len(ended)


async def test_an_imported_run_needs_approval(
    tmp_path: Path, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program of an imported run is not loaded where the run was never approved."""
    _, run = await extended(tmp_path, tmp_path / "log.db")
    other = await moved(run, tmp_path / "log.db")
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "another-state"))
    (tmp_path / FILE).write_text("raise SystemExit('loaded')")
    with pytest.raises(NotApproved, match="load and run code"):
        await lifecycle.resume(other, run, ignore)


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _told(value: object) -> object:
    """Return a JSON value without places and times: each log assigns its own."""
    if isinstance(value, dict):
        return {key: _told(one) for key, one in value.items() if not _OF_ONE_LOG & set(key.split("_"))}
    if isinstance(value, list):
        return [_told(one) for one in value]
    return value
