"""`tp experience`, its export, and `tp run --experience`."""

import asyncio
import json
from pathlib import Path

import pytest
from program_calls import Tp
from taught_logs import all_events, taught_log

from transfer_prompting.agents.experience.rules import rules_of


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


def test_why_tells_what_each_sentence_changed(log: Path, tp: Tp) -> None:
    """The examples that a sentence fixed are those that its prompt has right and the parent has wrong."""
    events = [event for event in all_events(log) if event.run == _run(log, tp)]
    values: dict[str, dict[str, float]] = {}
    parents: dict[str, list[str]] = {}
    texts: dict[str, str] = {}
    for event in events:
        message = json.loads(event.data) if event.data else {}
        for candidate in message.get("candidates", message.get("population", [])):
            parents[candidate["id"]], texts[candidate["id"]] = candidate["parents"], candidate["text"]
        if event.kind == "prompt.scored" and message["split"] == "dev":
            found = values.setdefault(message["candidate"], {})
            found.update((one["example"], float(one["correct"])) for one in message["outcomes"])
    told = [
        sentence
        for prompt in values
        for sentence in json.loads(tp("why", "last", prompt, "--log", log, "--json").out)["sentences"]
    ]
    rules = {id_: set(rules_of(text)) for id_, text in texts.items()}
    nearest = {}
    for child in values:
        known = [one for one in parents[child] if values.get(one, {}).keys() & values[child].keys()]
        apart = {one: len(rules[child] ^ rules[one]) for one in known}
        if known:
            nearest[child] = min(known, key=apart.__getitem__)
    checked = 0
    for one in told:
        pairs = [
            pair
            for pair in nearest.items()
            if (one["sentence"] in rules[pair[0]]) != (one["sentence"] in rules[pair[1]])
        ]
        changed = one["changed"]
        assert (changed is None) == (not pairs)
        if len(pairs) != 1:
            continue
        [(child, parent)] = pairs
        if one["sentence"] not in rules[child]:
            child, parent = parent, child
        shared = values[child].keys() & values[parent].keys()
        assert changed["examples"] == len(shared)
        checked += bool(one["fixed"])
        for name, gain in (("fixed", 1), ("broke", -1)):
            expected = {key for key in shared if values[child][key] - values[parent][key] == gain}
            assert {example["example"] for example in one[name]} == expected
            assert changed[name] == len(expected)
    assert checked


def test_changes_on_the_screen(log: Path, tp: Tp) -> None:
    """`tp experience` counts what a sentence fixed and broke, and `tp why` names the examples."""
    shown = tp("experience", "--log", log).out
    assert "fixed, broke" in shown
    assert "~ if other words changed" in shown
    [model] = json.loads(tp("experience", "--log", log, "--json").out)["models"]
    counted = [one["changed"] for one in model["sentences"] if one["changed"]]
    assert counted
    assert all(one["fixed"] + one["broke"] <= one["examples"] for one in counted)
    why = tp("why", "last", "best", "--log", log).out
    assert "of a prompt and its parent" in why
    assert "fixed " in why


def _run(log: Path, tp: Tp) -> str:
    return str(json.loads(tp("why", "last", "best", "--log", log, "--json").out)["run"])
