"""`tp tasks --csv` prints the examples of the bundled tasks."""

import json
from pathlib import Path

import pytest
from program_calls import Tp

from transfer_prompting.orchestration.schemas.json_schema import document_type
from transfer_prompting.prompts.loading.data_settings import DataSettings
from transfer_prompting.prompts.loading.task_loader import bundled_tasks, load_task, read_task_file
from transfer_prompting.prompts.task import Split

LIMITS: dict[Split, int] = {"train": 1000, "dev": 1000, "test": 1000}


def _printed(tp: Tp, *arguments: str) -> str:
    """Return what `tp tasks` prints with these arguments, which must succeed."""
    ended = tp("tasks", *arguments)
    assert ended.status == 0, ended.err
    return ended.out


@pytest.mark.parametrize("name", bundled_tasks())
def test_csv_loads_as_the_task_itself(tp: Tp, name: str, tmp_path: Path) -> None:
    """The CSV of a bundled task, loaded as a new task, has all of its examples."""
    (tmp_path / "rows.csv").write_text(_printed(tp, "--csv", name), encoding="utf-8")
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


def test_unknown_task(tp: Tp) -> None:
    """The error for an unknown name lists the known ones."""
    ended = tp("tasks", "--csv", "nope")
    assert (ended.status, ended.out) == (2, "")
    assert "support_routing" in ended.err


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


def test_how_the_data_are_understood(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tp tasks NAME` shows the meaning of the right answers, the sizes, and the rows that are left out."""
    _own_task(tmp_path, '{"question": "Both 1", "choices": ["3", "2", "0", "1"], "answer": 0}')
    monkeypatch.setenv("COLUMNS", "200")
    out = _printed(tp, "mine")
    assert "the index of an option, counted from 0" in out
    assert "0 train, 8 dev, 9 test" in out
    assert "task mine: 1 of 9 rows of dev are left out, because they repeat a question of test" in out


def test_task_as_json(tp: Tp) -> None:
    """`tp tasks NAME --json` prints the document `task`."""
    document = json.loads(_printed(tp, "dates", "--json"))
    content = {key: value for key, value in document.items() if key != "schema"}
    document_type("task").validate_python(content)


def test_task_that_cannot_be_used(tp: Tp, tmp_path: Path) -> None:
    """Data that cannot be used end with status 2 and their line, and without a traceback."""
    _own_task(tmp_path, '{"question": {"x": 1}, "choices": ["3", "2"], "answer": 0}')
    ended = tp("tasks", "mine")
    assert ended.status == 2
    assert "dev.jsonl:9: the column 'question' holds a table (x)" in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


def test_the_request_for_a_row(tp: Tp, tmp_path: Path) -> None:
    """`tp tasks NAME --request` prints what a model is sent for the first row, or a named one."""
    _own_task(tmp_path, "")
    body = json.loads(_printed(tp, "mine", "--request", "--row", "dev-2"))
    [message] = body["messages"]
    assert message["content"].startswith("Choose.\n\nText: dev 1\nA. 3\nB. 2\nC. 0\nD. 1\n\nReply")
    assert (body["max_tokens"], body["temperature"]) == (48, 0.0)
    first = json.loads(_printed(tp, "dates", "--request"))
    assert "A. 21 days" in first["messages"][0]["content"]


def test_the_request_as_configured(tp: Tp, tmp_path: Path) -> None:
    """The configuration names the model and the way of answering; what a body cannot say goes to stderr."""
    (tmp_path / "c.toml").write_text(
        '[target]\ntask = "logic"\n[search]\nanswer = "likelihood"\nmax_tokens = 7\n'
        '[models.scorer]\nprovider = "openai"\nmodel = "big"\nbase_url = "http://127.0.0.1:9/v1"\n'
        'server = "vllm"\ntemperature = "unset"\nparams = { top_p = 0.5 }\n'
        '[models.reference]\nprovider = "smollm2"\n'
    )
    ended = tp("tasks", "logic", "--request", "--config", "c.toml")
    assert ended.status == 0, ended.err
    body = json.loads(ended.out)
    [message] = body.pop("messages")
    assert message["content"].endswith("\nAnswer:")
    assert body == {"model": "big", "max_tokens": 7, "top_p": 0.5}
    assert "the likelihoods of the options yes, no are compared" in ended.err


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
def test_wrong_requests(tp: Tp, arguments: list[str], message: str) -> None:
    """A row that is not there, and options without what they belong to, are errors with status 2."""
    ended = tp(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in " ".join(ended.err.split())
