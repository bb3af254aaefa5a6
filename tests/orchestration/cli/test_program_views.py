"""What the commands show of a run whose task has a program."""

import json
import runpy
import shutil
from pathlib import Path

import pytest
from blocks import ROOT, blocks, same
from program_calls import Tp
from system_runs import RUN, TEXTS, system_config, system_log

from transfer_prompting.orchestration.audit import audit_request
from transfer_prompting.orchestration.schemas.json_schema import document_type
from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.sqlite.reader import LogReader


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the log of a run, beside its program and its data, in the working directory."""
    monkeypatch.chdir(tmp_path)
    system_config(tmp_path)
    return Path(shutil.copy(system_log(), tmp_path / "transfer-prompting.db"))


def execution(log: Path) -> tuple[Event, Event, Event]:
    """Return the request of an execution, its output, and the first call that it made."""
    with LogReader(log) as reader:
        events = reader.read(RUN, kinds=("call.requested",))
        asked = next(event for event in events if event.recipients == ("model/scorer.program",))
        output = reader.caused_by(RUN, asked.id, "call.finished")
        assert output is not None
        return asked, output, reader.all_caused_by(RUN, asked.id, "call.requested")[0]


def test_show_unfolds_a_trace(log: Path, tp: Tp) -> None:
    """Request and output of an execution show the trace that the page has; a call names its execution."""
    asked, output, inner = execution(log)
    for event in (asked, output):
        shown = tp("show", "last", event.seq).out
        for part in ("1. retrieve  scorer's model", "2. search", "3. answer", "output: ", TEXTS["answer"]):
            assert part in shown
    page = (ROOT / "docs/reading-a-run.md").read_text(encoding="utf-8")
    [trace] = [block.text for block in blocks(page) if block.text.startswith("given {")]
    assert same(trace, shown[shown.index("given {") :])
    assert f"execution  {asked.seq}\n" in tp("show", "last", inner.seq).out
    found = json.loads(tp("show", "last", output.seq, "--json").out)
    document_type("event").validate_python(found)
    assert [step["module"] for step in found["trace"]["steps"]] == ["retrieve", "", "answer"]
    assert json.loads(tp("show", "last", inner.seq, "--json").out)["execution"] == asked.seq
    assert json.loads(tp("show", "last", 1, "--json").out)["trace"] is None


def test_cost_by_module(log: Path, tp: Tp) -> None:
    """The costs have a table by module, and the executions are in no other table."""
    out = tp("cost", "last").out
    assert "module" in out
    assert "executions of programs" in out
    assert "scorer.program" not in out
    found = json.loads(tp("cost", "last", "--json").out)
    document_type("cost").validate_python(found)
    assert {module["module"] for module in found["modules"]} == set(TEXTS)
    [scorer] = [role for role in found["roles"] if role["role"] == "scorer"]
    assert sum(module["calls"] for module in found["modules"]) == scorer["calls"]


@pytest.mark.parametrize("command", [("watch", "--no-follow"), ("replay", "--no-verify")])
def test_only_one_module(log: Path, tp: Tp, command: tuple[str, str]) -> None:
    """--module shows the calls that rest on a text, with their replies, and nothing else."""
    name, *options = command
    out = tp(name, "last", *options, "--display", "log", "--module", "answer").out
    lines = [line for line in out.splitlines() if " call." in line]
    assert len(lines) == len([line for line in out.splitlines() if line.strip()])
    requested = [line for line in lines if "call.requested" in line]
    assert len(requested) == len(lines) / 2 > 10
    assert all("about answer of " in line for line in requested)


def test_why_shows_the_whole_trace(log: Path, tp: Tp) -> None:
    """An example has every call of the program with what its text has brought and cost."""
    with LogReader(log) as reader:
        [scored, *_] = reader.read(RUN, kinds=("prompt.scored",))
    message = json.loads(scored.data)
    example = message["outcomes"][0]["example"]
    out = tp("why", "last", message["candidate"], "--example", example).out
    for part in ("given {", "1. retrieve", "2. search", "3. answer", "output: ", "retrieve 1 x, "):
        assert part in out
    assert "Question: " not in out
    found = json.loads(tp("why", "last", message["candidate"], "--example", example, "--json").out)
    document_type("example").validate_python(found)
    answer = found["answers"][0]
    assert answer["replied"] == answer["trace"]["output"]
    assert answer["prompt_tokens"] == sum(step["prompt_tokens"] for step in answer["trace"]["steps"])


def test_forms_of_the_winner(log: Path, tp: Tp) -> None:
    """A program's texts can be printed as text, JSON and Python; forms of a single request say why not."""
    texts = json.loads(tp("best", "last", "--as", "json").out)["texts"]
    assert set(texts) == set(TEXTS)
    assert all(f"[[{name}]]\n{text}" in tp("best", "last").out for name, text in texts.items())
    Path("found.py").write_text(tp("best", "last", "--as", "python").out)
    assert runpy.run_path("found.py")["PROMPTS"] == texts
    for form in ("request", "messages", "promptfoo"):
        refused = tp("best", "last", "--as", form)
        assert refused.status == 2
        assert f"tp best {RUN} --as python" in refused.err


def test_new_rows_need_consent(log: Path, tp: Tp) -> None:
    """The program of a run that was not started here is not loaded."""
    Path("new.csv").write_text("parcel\nparcel 7\n")
    Path("shelves.py").write_text("raise SystemExit('loaded')")
    refused = tp("try", "last", "--input", "new.csv")
    assert refused.status == 2
    assert "load and run code: programs.shelves.use" in refused.err


def test_what_a_program_is_given(tmp_path: Path, tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tp tasks --request` prints the input columns and the texts, without the right answer."""
    monkeypatch.chdir(tmp_path)
    write_configuration(tmp_path)
    given = json.loads(tp("tasks", "shelves", "--config", "c.toml", "--request").out)
    assert given["prompts"] == TEXTS
    assert set(given["example"]) == {"parcel"}


def test_a_program_with_texts_of_its_own(tmp_path: Path, tp: Tp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts that a program brings along are shown if the configuration names none."""
    monkeypatch.chdir(tmp_path)
    write_configuration(tmp_path)
    Path("c.toml").write_text(Path("c.toml").read_text().replace("texts = ", "#"))
    Path("shelves.py").write_text(Path("shelves.py").read_text() + f"\nrun.texts = {TEXTS!r}\n")
    given = json.loads(tp("tasks", "shelves", "--config", "c.toml", "--request").out)
    assert given["prompts"] == TEXTS


def write_configuration(folder: Path) -> None:
    """Write the task of the runs as a configuration."""
    system_config(folder)
    (folder / "c.toml").write_text(
        'target = { task = "shelves" }\n'
        "[tasks.shelves]\n"
        'description = "Name the shelf of a parcel."\n'
        'program = { use = "shelves.py:run", inputs = ["parcel"] }\n'
        f'texts = {{ retrieve = "{TEXTS["retrieve"]}", answer = "{TEXTS["answer"]}" }}\n'
        'answer = { type = "label", labels = ["a", "b", "c"] }\n'
        'data = { train = "train.jsonl", dev = "dev.jsonl", test = "test.jsonl" }\n'
        '[models.scorer]\nprovider = "smollm2"\n[models.reference]\nprovider = "smollm2"\n'
    )


def test_an_audit_shows_the_inputs(tmp_path: Path) -> None:
    """The question whether a right answer is wrong holds the columns that the program is given."""
    settings = system_config(tmp_path).tasks["shelves"]
    limits = {"train": 5, "dev": 5, "test": 5}
    task = load_with_notes("shelves", settings, tmp_path, limits, 0).task  # type: ignore[arg-type]
    text = audit_request(task, task.dev[0], task.dev[1:], 100).messages[0].text
    assert task.dev[0].columns["parcel"] in text
