"""`tp tasks --csv` prints the examples of the bundled tasks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from transfer_prompting.orchestration.schemas.json_schema import document_type
from transfer_prompting.prompts.loading.data_settings import DataSettings
from transfer_prompting.prompts.loading.task_loader import bundled_tasks, load_task, read_task_file
from transfer_prompting.prompts.task import Split

TP = [sys.executable, "-c", "from transfer_prompting.orchestration.cli import main; main()"]
LIMITS: dict[Split, int] = {"train": 1000, "dev": 1000, "test": 1000}


@pytest.mark.parametrize("name", bundled_tasks())
def test_csv_loads_as_the_task_itself(name: str, tmp_path: Path) -> None:
    """The CSV of a bundled task, loaded as a new task, has all of its examples."""
    done = subprocess.run([*TP, "tasks", "--csv", name], capture_output=True, text=True, check=True)
    (tmp_path / "rows.csv").write_text(done.stdout, encoding="utf-8")
    settings = read_task_file(bundled_tasks()[name])
    whole = load_task(name, settings, bundled_tasks()[name], LIMITS, 0)
    mine = load_task(
        name, settings.model_copy(update={"data": DataSettings(all="rows.csv")}), tmp_path, LIMITS, 0
    )

    def examples(task: object) -> list[tuple[object, ...]]:
        return sorted(
            (e.question, e.answer, e.context or "", e.choices or ())
            for split in ("train", "dev", "test")
            for e in getattr(task, split)
        )

    assert examples(mine) == examples(whole)


def test_unknown_task() -> None:
    """The error for an unknown name lists the known ones."""
    done = subprocess.run([*TP, "tasks", "--csv", "nope"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "support_routing" in done.stderr


def _own_task(folder: Path, context: str) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "task.toml").write_text(
        'description = "Choose."\ninitial_prompts = ["Choose."]\nanswer = { type = "letter" }\n'
        'data = { dev = "dev.jsonl", test = "test.jsonl" }\n'
    )
    for split in ("dev", "test"):
        rows = [
            f'{{"question": "{split} {n}", "choices": ["3", "2", "0", "1"], "answer": {n % 4}}}'
            for n in range(8)
        ]
        (folder / "mine" / f"{split}.jsonl").write_text("\n".join([*rows, context]))


def test_how_the_data_are_understood(tmp_path: Path) -> None:
    """`tp tasks NAME` shows the meaning of the right answers, the sizes, and the rows that are left out."""
    _own_task(tmp_path, '{"question": "Both 1", "choices": ["3", "2", "0", "1"], "answer": 0}')
    done = subprocess.run(
        [*TP, "tasks", "mine"], capture_output=True, text=True, check=True, cwd=tmp_path, env=_wide()
    )
    assert "the index of an option, counted from 0" in done.stdout
    assert "0 train, 8 dev, 9 test" in done.stdout
    assert "task mine: 1 of 9 rows of dev are left out, because they repeat a question of test" in done.stdout


def test_task_as_json(tmp_path: Path) -> None:
    """`tp tasks NAME --json` prints the document `task`."""
    done = subprocess.run([*TP, "tasks", "dates", "--json"], capture_output=True, text=True, check=True)
    content = {key: value for key, value in json.loads(done.stdout).items() if key != "schema"}
    document_type("task").validate_python(content)


def test_task_that_cannot_be_used(tmp_path: Path) -> None:
    """Data that cannot be used end with status 2 and their line, and without a traceback."""
    _own_task(tmp_path, '{"question": {"x": 1}, "choices": ["3", "2"], "answer": 0}')
    done = subprocess.run([*TP, "tasks", "mine"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "dev.jsonl:9: the column 'question' holds a table (x)" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_request_for_a_row(tmp_path: Path) -> None:
    """`tp tasks NAME --request` prints what a model is sent for the first row, or a named one."""
    _own_task(tmp_path, "")
    done = subprocess.run(
        [*TP, "tasks", "mine", "--request", "--row", "dev-2"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    body = json.loads(done.stdout)
    [message] = body["messages"]
    assert message["content"].startswith("Choose.\n\nText: dev 1\nA. 3\nB. 2\nC. 0\nD. 1\n\nReply")
    assert (body["max_tokens"], body["temperature"]) == (48, 0.0)
    first = subprocess.run([*TP, "tasks", "dates", "--request"], capture_output=True, text=True, check=True)
    assert "A. 21 days" in json.loads(first.stdout)["messages"][0]["content"]


def test_the_request_as_configured(tmp_path: Path) -> None:
    """The configuration names the model and the way of answering; what a body cannot say goes to stderr."""
    (tmp_path / "c.toml").write_text(
        '[target]\ntask = "logic"\n[search]\nanswer = "likelihood"\nmax_tokens = 7\n'
        '[models.scorer]\nprovider = "openai"\nmodel = "big"\nbase_url = "http://127.0.0.1:9/v1"\n'
        'server = "vllm"\ntemperature = "unset"\nparams = { top_p = 0.5 }\n'
        '[models.reference]\nprovider = "smollm2"\n'
    )
    done = subprocess.run(
        [*TP, "tasks", "logic", "--request", "--config", "c.toml"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    body = json.loads(done.stdout)
    [message] = body.pop("messages")
    assert message["content"].endswith("\nAnswer:")
    assert body == {"model": "big", "max_tokens": 7, "top_p": 0.5}
    assert "the likelihoods of the options yes, no are compared" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["tasks", "dates", "--request", "--row", "none"],
            "no row 'none'. Its rows are called dates-dev",
        ),
        (["tasks", "--request"], "Give the NAME of a task"),
        (["tasks", "dates", "--row", "x"], "--row only with it"),
    ],
)
def test_wrong_requests(arguments: list[str], message: str) -> None:
    """A row that is not there, and options without what they belong to, are errors with status 2."""
    done = subprocess.run([*TP, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.split())


def _wide() -> dict[str, str]:
    return {**os.environ, "COLUMNS": "200"}
