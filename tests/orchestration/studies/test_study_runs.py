"""`tp study`: what is made, what is not made twice, and what the errors say."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from fold_runs import use_model
from log_stores import SqliteStore
from program_calls import Ended, Tp
from studies_in_process import InProcess, runs_of, use_executor, use_scripted
from studies_making import STUDY, events_of, write_study
from tiny_runs import reply_by_hash

from transfer_prompting.agents.messages import ExperienceLoaded, RunStarted
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.orchestration.runtime.drafts import message_draft
from transfer_prompting.orchestration.schemas.json_schema import document_type
from transfer_prompting.orchestration.studies import conduct
from transfer_prompting.orchestration.studies.carry_out import carry_out
from transfer_prompting.orchestration.studies.job import CellJob, JobEnd
from transfer_prompting.orchestration.studies.plan import plan_study
from transfer_prompting.storage.log import EventLog

QUIET = ("--display", "none")
SMALL = (
    STUDY[: STUDY.index("[models.little")]
    .replace("[1, 2, 3]", "[1, 2]")
    .replace('[targets.second]\nsources = ["third", "first"]\n', "")
)
"""One target, one model, three arms and two seeds."""
RUNS = 6


def document(ended: Ended) -> dict[str, Any]:
    """Return the printed document without its schema; it must have the shape of its kind."""
    found: dict[str, Any] = json.loads(ended.out)
    assert found.pop("schema") == "transfer-prompting/study/1"
    shape = document_type("study")
    assert json.loads(shape.dump_json(shape.validate_json(json.dumps(found)))) == found
    return found


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """Return the description of a small study."""
    return write_study(tmp_path, text=SMALL)


def test_a_study(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All runs are made and merged into one log; each other view of a log shows them."""
    use_scripted(monkeypatch)
    ended = tp("study", "run", *QUIET, "--json")
    assert ended.status == 0, ended.err
    found = document(ended)
    assert (found["finished"], found["planned"]) == (RUNS, RUNS)
    assert {cell["status"] for cell in found["cells"]} == {"finished"}
    assert not (study.parent / "small.db.cells").exists()
    names = {cell["run"] for cell in found["cells"]}
    assert {run["run"] for run in json.loads(tp("runs", "--log", "small.db", "--json").out)["runs"]} == names
    assert tp("show", min(names), "--log", "small.db").status == 0
    assert tp("verify", "--log", "small.db").status == 0


def test_the_same_again(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repetition makes nothing and prints the same; so does a copy of the log in another folder."""
    model, executor = use_scripted(monkeypatch)
    first = tp("study", "run", study, *QUIET, "--json")
    calls, submitted = model.calls, len(executor.jobs)
    assert (tp("study", "run", study, *QUIET, "--json").out, submitted) == (first.out, RUNS)
    there = study.parent / "there"
    write_study(there, text=SMALL)
    for suffix in ("", ".head"):
        shutil.copy(study.parent / f"small.db{suffix}", there / f"small.db{suffix}")
    monkeypatch.chdir(there)
    assert tp("study", "run", *QUIET, "--json").out == first.out
    assert tp("study", "resume", *QUIET, "--json").out == tp("study", "show", "--json").out == first.out
    assert (model.calls, len(executor.jobs)) == (calls, submitted)


def test_an_extended_study(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a further seed and arm only what is new is made."""
    _, executor = use_scripted(monkeypatch)
    assert tp("study", "run", *QUIET).status == 0
    made = set(runs_of(executor))
    executor.jobs.clear()
    text = SMALL.replace("[1, 2]", "[1, 2, 3]").replace('arms = ["target', 'arms = ["initial", "target')
    write_study(study.parent, text=text)
    ended = tp("study", "run", *QUIET, "--json")
    assert document(ended)["finished"] == 12
    assert len(executor.jobs) == 12 - RUNS
    assert not made & set(runs_of(executor))


def test_nothing_to_resume(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study that was not begun is not resumed: the name of its log may be mistyped."""
    use_scripted(monkeypatch)
    ended = tp("study", "resume", study, "--log", "smal.db")
    assert ended.status == 2
    assert "No run of the study" in ended.err
    assert "tp study run" in ended.err
    assert not (study.parent / "smal.db").exists()


def test_experience(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run with experience begins when its earlier runs have finished, with their lessons."""
    _, executor = use_scripted(monkeypatch)
    text = SMALL.replace("[1, 2]", "[4]").replace('arms = ["target only", ', 'arms = ["experience", ')
    write_study(study.parent, text=text)
    found = document(tp("study", "run", *QUIET, "--json"))
    by_arm = {cell["arm"]: cell for cell in found["cells"] if cell["target"] == "first"}
    [earlier] = [cell["run"] for cell in found["cells"] if cell["target"] == "third"]
    order = runs_of(executor)
    assert order.index(earlier) < order.index(by_arm["experience"]["run"])
    events = events_of(study.parent)[by_arm["experience"]["run"]]
    [loaded] = [decode(event) for event in events if event.kind == "experience.loaded"]
    assert isinstance(loaded, ExperienceLoaded)
    assert loaded.origins == (f"small.db#{earlier}",)
    assert found["finished"] == found["planned"] == 4


def test_experience_without_a_result(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose earlier runs have no result does not begin, and the error names them."""

    def mumble(request: ModelRequest) -> str:
        third = "third" in request.messages[-1].text and "<instruction>" not in request.messages[-1].text
        return "Hm." if third else reply_by_hash(request)

    use_scripted(monkeypatch, mumble)
    text = SMALL.replace("[1, 2]", "[4]").replace(', "transfer"]', ', "experience"]')
    write_study(study.parent, text=text)
    ended = tp("study", "run", *QUIET, "--accept-unreadable")
    assert ended.status == 1
    assert "1 run cannot begin" in ended.err
    assert "without a result: third / large / from scratch / seed 4." in ended.err


def test_the_budget(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run begins only if its budget fits into what the others leave; a higher budget goes on."""
    model, executor = use_scripted(monkeypatch)
    limited = SMALL.replace("[run.search]", "[run.budget]\ncalls = 500\n[run.search]")
    write_study(study.parent, text=f"budget.calls = 700\n{limited}")
    ended = tp("study", "run", *QUIET)
    assert ended.status == 1
    assert "The budget of the study does not allow another run" in ended.err
    assert "tp study resume" in ended.err
    made = len(executor.jobs)
    assert 0 < made < RUNS
    assert model.calls <= 700
    found = document(tp("study", "show", "--json"))
    assert found["calls"] + 500 > 700 >= found["calls"]
    write_study(study.parent, text=f"budget.calls = 70000\n{limited}")
    assert tp("study", "resume", *QUIET).status == 0
    assert len(executor.jobs) == RUNS
    assert len(set(runs_of(executor))) == RUNS


def test_an_unreachable_model(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three failures in a row end the study with the errors; when the model is back, the study goes on."""

    def refuse(_request: ModelRequest) -> str:
        raise ModelError("authentication", "no such key")

    model, executor = use_scripted(monkeypatch, refuse)
    ended = tp("study", "run", *QUIET)
    assert ended.status == 1
    assert "3 failed runs, 6 of 6 to do" in ended.err
    assert "first / large / target only / seed 1: " in ended.err
    assert "no such key" in ended.err
    assert "Traceback" not in ended.err
    assert (len(executor.jobs), model.calls < 60) == (3, True)
    shown = tp("study", "show")
    assert shown.status == 0
    assert "Runs without a result" in shown.out
    assert "no such key" in " ".join(shown.out.split())
    use_scripted(monkeypatch)
    assert document(tp("study", "resume", *QUIET, "--json"))["finished"] == RUNS


def test_a_run_without_a_result(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose answers cannot be read has no result, which the table says instead of a score."""

    def mumble(request: ModelRequest) -> str:
        asked = "<instruction>" in request.messages[-1].text
        return reply_by_hash(request) if asked else "Hm."

    use_scripted(monkeypatch, mumble)
    ended = tp("study", "run", *QUIET, "--accept-unreadable", "--json")
    found = document(ended)
    assert found["finished"] == 0
    assert {cell["status"] for cell in found["cells"]} == {"no result"}
    assert all(cell["before"] is None and cell["after"] is None for cell in found["cells"])
    assert [row["seeds"] for row in found["rows"]] == [0, 0, 0]


def test_lost_workers(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell whose worker is lost is submitted again, three times in a row at most if nothing happens."""
    _, executor = use_scripted(monkeypatch)
    executor.ends = [JobEnd(how="lost", error="killed")] * 2
    assert tp("study", "run", *QUIET).status == 0
    assert len(executor.jobs) == RUNS + 2
    write_study(study.parent, text=SMALL.replace("[1, 2]", "[7]"))
    executor = use_executor(monkeypatch, InProcess([JobEnd(how="lost", error="The worker was killed.")] * 3))
    ended = tp("study", "run", *QUIET)
    assert ended.status == 1
    assert "1 failed run, " in ended.err
    assert "The worker was killed." in ended.err
    assert len(executor.jobs) == 3 + 2


def test_a_cell_that_kills_its_workers(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell whose workers are lost again and again without a further reply is given up, and no other."""

    def refuse(_request: ModelRequest) -> str:
        raise ModelError("authentication", "no such key")

    class Fatal(InProcess):
        async def carry_out(self, job: CellJob) -> JobEnd:
            if job.run != first:
                return await super().carry_out(job)
            self.jobs.append(job)
            with monkeypatch.context() as patch:
                use_model(patch, refuse)
                await carry_out(job)  # It resumes the run, so its log grows each time.
            return JobEnd(how="lost", error="The worker was killed by signal 9.")

    use_scripted(monkeypatch)
    first = plan_study(study).cells[0].run
    executor = use_executor(monkeypatch, Fatal())
    ended = tp("study", "run", *QUIET)
    assert ended.status == 1
    assert "1 failed run, 1 of 6 to do" in ended.err
    assert "killed by signal 9" in ended.err
    assert runs_of(executor).count(first) == 3
    assert len(executor.jobs) == 3 + RUNS - 1


@pytest.mark.parametrize(
    "change",
    ["at = at + 1 WHERE kind = 'run.finished'", "data = CAST('{}' AS BLOB) WHERE kind = 'prompt.scored'"],
)
def test_a_changed_cell_file(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    """A cell whose file was changed is not merged: the error says where, and the other cells are."""
    use_scripted(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(conduct, "merge", _pass_over)
        patch.setattr(conduct, "remove_log", lambda _path: None)
        assert tp("study", "run", *QUIET).status == 0
    file = sorted((study.parent / "small.db.cells").glob("*.db"))[0]
    SqliteStore(file, str(file)).hurt(f"UPDATE event SET {change}")
    ended = tp("study", "run", *QUIET)
    assert ended.status == 1
    assert "1 failed run, 1 of 6 to do" in ended.err
    assert file.name in ended.err
    assert "Remove the file" in ended.err
    assert len(events_of(study.parent)) == RUNS - 1
    for part in file.parent.glob(f"{file.name}*"):
        part.unlink()
    assert document(tp("study", "run", *QUIET, "--json"))["finished"] == RUNS


async def _pass_over(*_: object) -> None:
    """Merge nothing."""


def test_a_kill_after_the_merge(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the command is killed before the merged file of a cell is removed, that is done the next time."""
    use_scripted(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(conduct, "remove_log", lambda _path: None)
        assert tp("study", "run", *QUIET).status == 0
    before = events_of(study.parent)
    assert len(list((study.parent / "small.db.cells").glob("*.db"))) == RUNS
    assert tp("study", "run", *QUIET).status == 0
    assert events_of(study.parent) == before
    assert not (study.parent / "small.db.cells").exists()


def test_a_run_that_another_process_writes(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that is busy is submitted again later; it is no failure."""
    _, executor = use_scripted(monkeypatch)
    executor.ends = [JobEnd(how="busy", error="is being continued by another process")]
    assert tp("study", "run", *QUIET).status == 0
    assert len(executor.jobs) == RUNS + 1


def test_a_busy_log(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two commands do not write to the log of one study at a time, and the error names the process."""
    use_scripted(monkeypatch)

    async def hold() -> Ended:
        log = await EventLog.open(study.parent / "small.db")
        try:
            return await asyncio.to_thread(tp, "study", "run", *QUIET)
        finally:
            await log.close()

    ended = asyncio.run(hold())
    assert ended.status == 2
    assert "is being written by process" in ended.err


def test_a_damaged_file(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file of a cell that is damaged is named with a remedy, and the other cells are made."""
    use_scripted(monkeypatch)
    cell = plan_study(study).cells[0]
    file = study.parent / "small.db.cells" / f"{cell.run}.db"
    file.parent.mkdir()
    file.write_bytes(b"\x00garbage" * 700)
    ended = tp("study", "run", *QUIET)
    assert ended.status == 1
    assert "1 failed run, 1 of 6 to do" in ended.err
    assert str(file.relative_to(study.parent)) in ended.err
    assert "Remove the file" in " ".join(tp("study", "show").out.split())
    file.unlink()
    assert document(tp("study", "run", *QUIET, "--json"))["finished"] == RUNS


def test_a_forged_run(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has the name of a cell and other settings is no result of the cell."""
    use_scripted(monkeypatch)
    assert tp("study", "run", *QUIET).status == 0
    events = events_of(study.parent)
    cell = plan_study(study).cells[0]

    async def forge() -> None:
        log = await EventLog.open(Path("other.db"))
        started = decode(events[cell.run][0])
        assert isinstance(started, RunStarted)
        config = {**started.config, "seed": 99}
        await log.append([message_draft(cell.run, "user", 0, started.model_copy(update={"config": config}))])
        await log.close()

    asyncio.run(forge())
    for command in ("show", "run"):
        ended = tp("study", command, study, "--log", "other.db", *(QUIET if command == "run" else ()))
        assert ended.status == 2
        assert f"holds a run {cell.run} whose settings are not those of the cell {cell.label}" in ended.err


def test_changed_files(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has other data than the study was planned with makes no run of that name."""
    _, executor = use_scripted(monkeypatch)

    class Late(InProcess):
        async def carry_out(self, job: Any) -> JobEnd:
            rows = study.parent / "first" / "dev.jsonl"
            rows.write_text(rows.read_text().replace("first dev 3", "first dev three"))
            return await super().carry_out(job)

    use_executor(monkeypatch, Late())
    ended = tp("study", "run", *QUIET)
    assert ended.status == 1
    assert "have changed since the study was planned" in ended.err
    assert executor.jobs == []


def test_no_secret_reaches_the_log(tp: Tp, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key of a model is not in the log, the document or the page."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret-key")

    use_scripted(monkeypatch)
    printed = tp("study", "run", *QUIET, "--json").out
    assert tp("study", "report", "-o", "page.html").status == 0
    data = b"".join(path.read_bytes() for path in study.parent.glob("small.db*"))
    assert b"sk-very-secret" not in data + printed.encode() + Path("page.html").read_bytes()
