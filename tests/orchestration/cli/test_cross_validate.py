"""`tp cross-validate`: whole runs that hold out a fold each, and the verdict over all rows."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from fold_runs import CONFIG, ROWS, use_model, write_folder
from killed_runs import prepare, serving, start_tp
from program_calls import Tp

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.projections.cross_validation import cross_validation
from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.projections.listed_runs import listed_runs
from transfer_prompting.orchestration.schemas.json_schema import document_type
from transfer_prompting.storage.sqlite.reader import LogReader

QUIET = ("--display", "none")


def runs_in(folder: Path) -> list[tuple[str, str]]:
    """Return the names without their random digits, and the statuses, of the runs in the log."""
    with LogReader(folder / "transfer-prompting.db") as reader:
        return [(run.run.rpartition("-")[0], run.status) for run in listed_runs(reader)]


def document(printed: str) -> dict[str, Any]:
    """Return the document without its schema; it must have the shape of its kind."""
    found: dict[str, Any] = json.loads(printed)
    assert found.pop("schema") == "transfer-prompting/cross-validation/1"
    shape = document_type("cross-validation")
    assert json.loads(shape.dump_json(shape.validate_json(json.dumps(found)))) == found
    return found


def test_all_rows(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict rests on every row, whatever target.test_examples says, and names a run for each fold."""
    use_model(monkeypatch)
    ended = tp("cross-validate", write_folder(tmp_path), "--folds", 3, "--json", *QUIET)
    assert ended.status == 0, ended.err
    found = document(ended.out)
    assert [fold["fold"] for fold in found["folds"]] == ["1/3", "2/3", "3/3"]
    assert [fold["comparison"]["n"] for fold in found["folds"]] == [11, 10, 10]
    assert found["comparisons"][0]["n"] == ROWS
    assert found["improved"]
    assert found["verdict"].startswith("improvement found: accuracy")
    assert runs_in(tmp_path) == [(f"small-{fold}of3", "finished") for fold in (1, 2, 3)]


def test_the_text(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text has a line for each fold, says what the figure is, and how to come to a prompt to deploy."""
    use_model(monkeypatch)
    path = write_folder(tmp_path)
    ended = tp("cross-validate", path, "--folds", 2, *QUIET)
    assert ended.status == 0, ended.err
    lines = ended.out.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["fold", "1/2", "2/2"]
    text = " ".join(ended.out.split())
    assert f"on {ROWS} held-out examples" in text
    assert "the gain of the search on these data, not that of one prompt" in text
    assert "a little optimistic" in text
    first = lines[1].split()[1]
    assert f'`tp run {path}` with fold = "1/15" under [target]' in text
    assert f"`tp best {first}`" in text
    assert tp("best", first).status == 0


def test_the_same_command_again(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repetition asks no model and says the same; with other settings there are new runs."""
    model = use_model(monkeypatch)
    path = write_folder(tmp_path)
    command = ("cross-validate", path, "--folds", 2, "--json", *QUIET)
    first, asked = tp(*command), model.calls
    assert tp(*command).out == first.out
    assert model.calls == asked > 0
    write_folder(tmp_path, f"seed = 5\n{CONFIG}")
    assert tp(*command).status == 0
    write_folder(tmp_path, f"seed = 5\n{CONFIG}", ROWS + 1)
    assert tp(*command).status == 0
    assert runs_in(tmp_path) == [("small-1of2", "finished"), ("small-2of2", "finished")] * 3


def test_the_deployed_run(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that the text advises searches on all rows but the fold that it holds out."""
    use_model(monkeypatch)
    path = write_folder(tmp_path, CONFIG.replace("[search]", 'fold = "1/15"\n[search]').replace("12", "99"))
    assert tp("run", path, *QUIET).status == 0
    with LogReader(tmp_path / "transfer-prompting.db") as reader:
        [task] = read_history(reader, reader.resolve("last")).tasks.values()
    assert (len(task.train) + len(task.dev), len(task.test)) == (ROWS - 3, 3)


def test_the_estimate(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run multiplies the calls of one run, says what all rows can show, and spends nothing."""
    model = use_model(monkeypatch)
    path = write_folder(tmp_path)
    one = json.loads(tp("run", path, "--dry-run", "--json").out)
    ended = tp("cross-validate", path, "--folds", 4, "--dry-run", "--json")
    four = json.loads(ended.out)
    assert (four["runs"], four["test_examples"]) == (4, ROWS)
    searches = [sum(p["calls"]["most"] for p in e["parts"] if p["stage"] == "target") for e in (one, four)]
    assert searches[1] == pytest.approx(4 * searches[0], rel=0.1)
    assert four["smallest_gain"] < one["smallest_gain"] == 1
    text = tp("cross-validate", path, "--folds", 4, "--dry-run").out
    assert "Budget of each of the 4 runs: none" in text
    assert f"With {ROWS} held-out examples" in text
    assert "tp cross-validate" in tp("run", path, "--dry-run").out
    assert not model.calls
    assert not (tmp_path / "transfer-prompting.db").exists()


def test_an_unreachable_model(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that fails ends the command with status 1, and the same command resumes it."""
    from transfer_prompting.agents.models.base import ModelError

    def refuse(_request: ModelRequest) -> str:
        raise ModelError("authentication", "no such key")

    use_model(monkeypatch, refuse)
    command = ("cross-validate", write_folder(tmp_path), "--folds", 2, *QUIET)
    ended = tp(*command)
    assert (ended.status, "no such key" in ended.err) == (1, True)
    assert runs_in(tmp_path) == [("small-1of2", "failed")]
    use_model(monkeypatch)
    ended = tp(*command)
    assert ended.status == 0, ended.err
    assert "Fold 1/2: run small-1of2-" in ended.err
    assert runs_in(tmp_path) == [("small-1of2", "finished"), ("small-2of2", "finished")]


def test_a_fold_without_a_result(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that could read nothing ends the command before the next fold, and is made again."""
    use_model(monkeypatch, lambda _request: "Hm.")
    command = ("cross-validate", write_folder(tmp_path), "--folds", 2, "--accept-unreadable", *QUIET)
    ended = tp(*command)
    assert (ended.status, "without a result" in ended.err) == (1, True)
    use_model(monkeypatch)
    assert tp(*command).status == 0
    ends = [("small-1of2", "no result"), ("small-1of2", "finished"), ("small-2of2", "finished")]
    assert runs_in(tmp_path) == ends


@pytest.mark.parametrize(
    ("arguments", "change", "said"),
    [
        (("--folds", 1), ("", ""), "1 is not in the range 2<=x<=100"),
        (("--folds", 16), ("", ""), "its 31 rows do not fill 16 folds with at least 2 rows each"),
        ((), ("[search]", 'fold = "2/5"\n[search]'), 'target.fold = "2/5" holds out one fold'),
        ((), ("[search]", 'fold = "6/5"\n[search]'), "'6/5' names no fold"),
        (("--json", "--display", "json"), ("", ""), "choose one"),
    ],
)
def test_wrong_input(
    tp: Tp,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[object, ...],
    change: tuple[str, str],
    said: str,
) -> None:
    """Folds that cannot be made are refused before any run, with the value and the remedy."""
    use_model(monkeypatch)
    ended = tp("cross-validate", write_folder(tmp_path, CONFIG.replace(*change)), *arguments)
    assert ended.status == 2
    assert said in " ".join(ended.err.split())
    assert not (tmp_path / "transfer-prompting.db").exists()


async def test_killed(tmp_path: Path) -> None:
    """Killed in each of its runs and repeated, it comes to the same verdict and asks nothing twice."""
    async with serving() as server:
        whole, killed = tmp_path / "whole", tmp_path / "killed"
        command = ("cross-validate", "run.toml", "--folds", "2")
        prepare(whole, server.url)
        assert await (await start_tp(whole, *command)).wait() == 0
        paid = server.asked.copy()
        server.asked.clear()
        prepare(killed, server.url)
        for share in (0.25, 0.75):
            server.mark = round(share * paid.total())
            server.reached.clear()
            process = await start_tp(killed, *command)
            ended = asyncio.create_task(process.wait())
            reached = asyncio.create_task(server.reached.wait())
            await asyncio.wait({ended, reached}, return_when=asyncio.FIRST_COMPLETED)
            assert not ended.done()
            process.kill()
            await ended
        assert await (await start_tp(killed, *command)).wait() == 0
        assert runs_in(killed) == [("killed-1of2", "finished"), ("killed-2of2", "finished")]
        assert _pooled(killed) == _pooled(whole)
        assert set(server.asked) == set(paid)
        # Only calls under way at a kill are made again.
        assert (server.asked - paid).total() <= 2 * 16


def _pooled(folder: Path) -> tuple[object, ...]:
    with LogReader(folder / "transfer-prompting.db") as reader:
        found = cross_validation([read_history(reader, run.run) for run in listed_runs(reader)])
    return found.verdict, [(fold.fold, fold.best, fold.comparison) for fold in found.folds]
