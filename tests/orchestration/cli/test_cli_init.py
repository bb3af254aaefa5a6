"""`tp init` writes a configuration: the starter, one for a file of data, or one from promptfoo."""

import json
from pathlib import Path

import pytest
from program_calls import Tp

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
    ],
)
def test_errors(tp: Tp, tmp_path: Path, arguments: list[str], message: str) -> None:
    """Missing files and options that do not fit are one error, and nothing is written."""
    ended = tp("init", *arguments)
    assert ended.status == 2
    assert message in ended.err
    assert list(tmp_path.iterdir()) == []
