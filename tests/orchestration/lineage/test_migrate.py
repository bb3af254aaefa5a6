"""Migrations: the prompts of a finished run on another model."""

import asyncio
import json
from pathlib import Path
from typing import TypeVar

import pytest
from fold_runs import reply_by_rule, write_folder
from program_calls import Tp
from tiny_runs import ignore, scripted

from transfer_prompting.agents.messages import (
    ExperienceLoaded,
    Message,
    MigrationChecked,
    PromptsCarried,
    PromptScored,
    RunFinished,
    StageStarted,
    TaskLoaded,
)
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.models.registry import ModelSettings
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.runtime.lifecycle import reenact, start
from transfer_prompting.orchestration.schemas.json_schema import document_type
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader

M = TypeVar("M", bound=Message)
NEW = 'model = "new"\nprovider = "openai"\nbase_url = "http://127.0.0.1:9/v1"\n'
PLACE = "transfer_prompting.orchestration.runtime.assembly.build_model"


def reads_no_rules(request: ModelRequest) -> str:
    """Answer as the old model does, but always wrongly to a prompt that has a rule."""
    text = request.messages[-1].text
    number = text.partition("Is ")[2].partition(" even?")[0]
    if "<instruction>" in text or not number.isdecimal():
        return reply_by_rule(request)
    right = ("rule" not in text) == (int(number) % 2 == 0)
    return f"Answer: {'yes' if right else 'no'}\nConfidence: 90"


def use_models(monkeypatch: pytest.MonkeyPatch, new: ScriptedModel) -> None:
    """Make `new` the model that is called so, and another one all others."""
    old = scripted(reply_by_rule, identity="old")

    def build(settings: ModelSettings) -> ScriptedModel:
        return new if settings.model == "new" else old

    monkeypatch.setattr(PLACE, build)


def prepare(folder: Path, rows: int = 61) -> str:
    """Carry out a run on the old model, in `folder`; return its name."""
    path = write_folder(folder, rows=rows)
    path.write_text(path.read_text().replace("examples = 12", "examples = 30"))
    (folder / "new.toml").write_text(f"[models.scorer]\n{NEW}")
    name, _ = asyncio.run(start(read_config(path), folder, folder / "transfer-prompting.db", ignore))
    return name


def events_of(folder: Path, name: str) -> list[Event]:
    with open_reader(folder / "transfer-prompting.db") as reader:
        return list(reader.read(reader.resolve(name)))


def messages(events: list[Event]) -> list[Message]:
    return [decode(event) for event in events if not event.kind.startswith("call.")]


def only(kind: type[M], found: list[Message]) -> M:
    [one] = [message for message in found if isinstance(message, kind)]
    return one


def test_what_holds_is_not_tuned_again(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a model that likes the same, the few prompts are scored on all examples, and compared held out."""
    use_models(monkeypatch, scripted(reply_by_rule, identity="new"))
    name = prepare(tmp_path)
    old = messages(events_of(tmp_path, name))
    ended = tp("migrate", name, "--scorer", "new.toml", "--display", "none")
    assert ended.status == 0, ended.err
    events = events_of(tmp_path, "last")
    found = messages(events)
    carried, best = only(PromptsCarried, found), only(RunFinished, old).best
    assert (carried.origin, carried.prompts[0].candidate, len(carried.prompts) <= 6) == (name, best, True)
    assert only(TaskLoaded, found).task == only(TaskLoaded, old).task
    assert only(ExperienceLoaded, found).origins == (f"transfer-prompting.db#{name}",)
    [stage] = [one for one in found if isinstance(one, StageStarted)]
    assert (stage.stage, stage.population) == ("carried", tuple(one.candidate for one in carried.prompts))
    scored = [one for one in found if isinstance(one, PromptScored) and one.purpose == "search"]
    assert {one.seen for one in scored} == {len(only(TaskLoaded, found).task.dev)}
    assert not only(MigrationChecked, found).regressed
    assert only(RunFinished, found).comparisons
    assert best.id in ended.out
    assert "nothing was tuned again" in ended.out
    assert ended.out.splitlines()[2].split()[:4] == ["prompt", "was", "old", "new"]
    assert "Migration of" in tp("show", "last").out
    assert asyncio.run(reenact(Path("transfer-prompting.db"), "last", ignore)) == len(events)


def test_the_table_as_json(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json the table is a record of its own after the end of the run, and nothing else is printed."""
    use_models(monkeypatch, scripted(reads_no_rules, identity="new"))
    name = prepare(tmp_path)
    ended = tp("migrate", name, "--scorer", "new.toml", "--display", "none", "--json")
    assert ended.status == 0, ended.err
    launch, done, table = map(json.loads, ended.out.splitlines())
    assert [one["schema"].split("/")[1] for one in (launch, done, table)] == ["launch", "done", "migration"]
    document_type("migration").validate_python(table)
    assert (table["origin"], table["old_model"], table["new_model"]) == (name, "old", "new")
    assert table["prompts"][0]["role"] == "best"
    assert table["prompts"][0]["before"] > table["prompts"][0]["after"]
    assert table["regressed"]


def test_what_regressed_is_tuned_again(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a model that dislikes it, the search goes on from the best of the carried prompts."""
    use_models(monkeypatch, scripted(reads_no_rules, identity="new"))
    name = prepare(tmp_path)
    ended = tp("migrate", name, "--scorer", "new.toml", "--display", "none")
    assert ended.status == 0, ended.err
    events = events_of(tmp_path, "last")
    found = messages(events)
    regressed = only(MigrationChecked, found).regressed
    assert any("of your own prompt" in reason for reason in regressed)
    assert any("of its own on the old model" in reason for reason in regressed)
    assert [one.stage for one in found if isinstance(one, StageStarted)] == ["carried", "target"]
    assert only(RunFinished, found).best.text == "Even or odd?"
    assert "Tuned again" in ended.out
    assert asyncio.run(reenact(Path("transfer-prompting.db"), "last", ignore)) == len(events)


@pytest.mark.parametrize(
    ("scorer", "error"),
    [
        ("nowhere.toml", "cannot be read"),
        ("c.toml", "no table [models.scorer]"),
        ("martian/x", "--scorer martian/x"),
        ("transformers", "needs model"),
    ],
)
def test_no_model(scorer: str, error: str, tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that cannot be described is an error before anything is written."""
    use_models(monkeypatch, scripted(reply_by_rule, identity="new"))
    name = prepare(tmp_path, rows=20)
    (tmp_path / "c.toml").write_text("[models.reference]\n")
    before = len(events_of(tmp_path, "last"))
    ended = tp("migrate", name, "--scorer", scorer, "--display", "none")
    assert ended.status == 2
    assert error in ended.err
    assert len(events_of(tmp_path, "last")) == before
