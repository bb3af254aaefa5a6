"""`tp init` writes a configuration: the starter, one for a file of data, or one from promptfoo."""

import asyncio
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from harbour_run import sail
from program_calls import Tp

from transfer_prompting.agents.models.local.smollm2 import INSTALL_COMMAND, embedded_source
from transfer_prompting.agents.models.local.sources import LOCAL_COMMAND, ModelNotInstalled
from transfer_prompting.agents.operators.base import Edit
from transfer_prompting.agents.operators.library import OPERATORS
from transfer_prompting.agents.search.settings import SearchOptions
from transfer_prompting.orchestration.config.settings import read_config

ROWS = "".join(json.dumps({"text": f"Row {n}", "team": "ab"[n % 2]}) + "\n" for n in range(24))
PROMPTFOO = """
prompts: ['Translate: {{text}}', 'Say {{text | upper}}']
tests:
  - {vars: {text: a}, assert: [{type: is-json}]}
  - {vars: {text: b}, assert: [{type: is-json}]}
  - {vars: {text: c}, assert: [{type: is-json}]}
"""


def test_data(tp: Tp, tmp_path: Path) -> None:
    """The configuration for a file says what was guessed, and its task loads."""
    (tmp_path / "my rows.jsonl").write_text(ROWS)
    ended = tp("init", "--data", "my rows.jsonl")
    assert ended.status == 0
    assert "The right answers stand in 'team'" in ended.out
    assert ended.out.endswith("Wrote transfer-prompting.toml. Next: tp run\n")
    shown = tp("tasks", "my-rows")
    assert "5 train, 10 dev, 9 test" in shown.out


def test_a_configuration_elsewhere(tp: Tp, tmp_path: Path) -> None:
    """The path of the data is written relative to the configuration."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "rows.jsonl").write_text(ROWS)
    ended = tp("init", "out/run.toml", "--data", "in/rows.jsonl", "--answer", "team")
    assert "Next: tp run out/run.toml" in ended.out
    assert 'all = "../in/rows.jsonl"' in (tmp_path / "out/run.toml").read_text()


def test_promptfoo(tp: Tp, tmp_path: Path) -> None:
    """Rows and metric are written beside the configuration, and what is left out is told."""
    (tmp_path / "promptfooconfig.yaml").write_text(PROMPTFOO)
    ended = tp("init", "--from", "promptfooconfig.yaml")
    assert ended.status == 0
    assert "prompt 2: {{text | upper}} is no placeholder here" in ended.out
    assert "Wrote transfer-prompting.toml, transfer-prompting.rows.jsonl, promptfoo_asserts.py." in ended.out
    assert (tmp_path / "promptfoo_asserts.py").is_file()


def test_nothing_is_replaced(tp: Tp, tmp_path: Path) -> None:
    """No file that is there is replaced without --force, and then nothing is written at all."""
    (tmp_path / "promptfooconfig.yaml").write_text(PROMPTFOO)
    (tmp_path / "promptfoo_asserts.py").write_text("mine")
    ended = tp("init", "--from", "promptfooconfig.yaml")
    assert ended.status == 2
    assert "promptfoo_asserts.py exists already" in ended.err
    assert not (tmp_path / "transfer-prompting.toml").exists()
    assert tp("init", "--from", "promptfooconfig.yaml", "--force").status == 0
    assert (tmp_path / "promptfoo_asserts.py").read_text() != "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "none.csv"], "none.csv: there is no such file"),
        (["--data", "a.txt"], "a.txt: unknown format"),
        (["--from", "none.yaml"], "none.yaml cannot be read"),
        (["--data", "a.csv", "--from", "b.yaml"], "Give either --data or --from"),
        (["--answer", "x"], "give the file as --data"),
        (["--model", "gpt-4o-mini"], "give the file of rows as --data, too"),
        (["--data", "a.csv", "--base-url", "http://127.0.0.1/v1"], "name the model as --model"),
        (["--data", "a.csv", "--model", "martian/x"], "--model martian/x: provider = 'martian'"),
        (["--data", "a.csv", "--model", "none.toml"], "--model none.toml: the file cannot be read as TOML"),
        (["--data", "a.csv", "--model", "x", "--base-url", "nowhere"], "--model x: base_url"),
    ],
)
def test_errors(tp: Tp, tmp_path: Path, arguments: list[str], message: str) -> None:
    """Missing files and options that do not fit are one error, and nothing is written."""
    ended = tp("init", *arguments)
    assert ended.status == 2
    assert message in ended.err
    assert list(tmp_path.iterdir()) == []


def _written(tp: Tp, tmp_path: Path, *arguments: str) -> dict[str, Any]:
    """Return the configuration that is written for `ROWS`, which must be valid."""
    (tmp_path / "rows.jsonl").write_text(ROWS)
    ended = tp("init", "--data", "rows.jsonl", *arguments)
    assert ended.status == 0, ended.err
    path = tmp_path / "transfer-prompting.toml"
    read_config(path)
    return tomllib.loads(path.read_text())


def test_a_model_that_can_write(tp: Tp, tmp_path: Path) -> None:
    """A model at OpenAI writes prompts with the default operators, without sources and within a limit."""
    config = _written(tp, tmp_path, "--model", "gpt-4o-mini")
    model = {"provider": "openai", "model": "gpt-4o-mini", "base_url": "https://api.openai.com/v1"}
    assert config["models"] == {"scorer": model, "reference": model}
    assert config["budget"] == {"tokens": 1_000_000}
    assert "source" not in config
    assert "search" not in config
    assert "reflection" in SearchOptions().operators


def test_the_embedded_model(tp: Tp, tmp_path: Path) -> None:
    """The embedded model gets operators that need no writing, and its options are compared."""
    config = _written(tp, tmp_path)
    assert config["search"]["answer"] == "likelihood"
    assert all(isinstance(OPERATORS[name], Edit) for name in config["search"]["operators"])
    assert "budget" not in config


def test_the_key(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is not set is remarked on; one that is set is not, and never written."""
    (tmp_path / "rows.jsonl").write_text(ROWS)
    arguments = ("init", "--data", "rows.jsonl", "--model", "gpt-4o-mini", "--force")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    assert "OPENAI_API_KEY, which is not set" in tp(*arguments).out
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert "OPENAI_API_KEY" not in tp(*arguments).out
    assert "sk-secret" not in (tmp_path / "transfer-prompting.toml").read_text()


def test_a_server_here_needs_no_key(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine takes any key, so that none is asked for."""
    (tmp_path / "rows.jsonl").write_text(ROWS)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    arguments = ("init", "--data", "rows.jsonl", "--model", "small", "--base-url", "http://127.0.0.1:8080/v1")
    assert "OPENAI_API_KEY" not in tp(*arguments).out


def test_what_is_not_installed(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the embedded model cannot run here, all commands that install it are told at once."""
    (tmp_path / "rows.jsonl").write_text(ROWS)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    told = f"The embedded model is not installed. Run: {LOCAL_COMMAND} && {INSTALL_COMMAND}"
    assert told in tp("init", "--data", "rows.jsonl").out
    assert told in tp("init", "other.toml").out
    with pytest.raises(ModelNotInstalled, match="&&"):
        embedded_source()


def test_what_the_log_has_taught(tp: Tp, tmp_path: Path) -> None:
    """If the log in the folder has lessons, the new run begins with them; nonsense is ignored."""
    (tmp_path / "transfer-prompting.db").write_text("nonsense")
    assert "experience" not in _written(tp, tmp_path)
    (tmp_path / "transfer-prompting.db").unlink()
    asyncio.run(sail(tmp_path / "earlier"))
    (tmp_path / "earlier/log.db").rename(tmp_path / "transfer-prompting.db")
    (tmp_path / "earlier/log.db.head").rename(tmp_path / "transfer-prompting.db.head")
    assert _written(tp, tmp_path, "--force")["experience"] == ["transfer-prompting.db"]


def test_promptfoo_for_a_model(tp: Tp, tmp_path: Path) -> None:
    """A configuration from promptfoo has the model, too, and no word of the provider that it replaces."""
    (tmp_path / "promptfooconfig.yaml").write_text(f"providers: [openai:gpt-4]\n{PROMPTFOO}")
    ended = tp("init", "--from", "promptfooconfig.yaml", "--model", "transformers/org/name")
    assert ended.status == 0
    text = (tmp_path / "transfer-prompting.toml").read_text()
    assert tomllib.loads(text)["models"]["scorer"] == {"provider": "transformers", "model": "org/name"}
    assert "gpt-4" not in text
