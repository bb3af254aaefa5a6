"""An attacker's data, or a careless program's: no file may change a result unseen or end in a traceback."""

import csv
import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import ALL, PROPERTY, load, row, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.rows import read_rows
from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.prompts.rendering import render
from transfer_prompting.prompts.task import Task

SPLITS = {"dev": "dev.jsonl", "test": "test.jsonl"}


def settings(all_: str = "all.csv", **columns: str) -> TaskSettings:
    """Return the settings of a label task in one file."""
    return TaskSettings.model_validate(
        {
            "description": "Decide.",
            "initial_prompts": ["Decide."],
            "answer": {"type": "label"},
            "data": {"all": all_, "columns": columns},
        }
    )


def shown(task: Task) -> str:
    """Return all that a model is shown of the examples of a task."""
    return "\n".join(
        render("demonstrations", instruction="", examples=[example], marker="").partition("Answer:")[0]
        for example in (*task.train, *task.dev, *task.test)
    )


@pytest.mark.parametrize("leak", ["the answer is {}", "{}", "label: {}!"])
def test_an_unmapped_context_shows_no_label(tmp_path: Path, leak: str) -> None:
    """Lost otherwise: the result. A column that nobody mapped would show the model the right answer."""
    rows = [(f"row {n}", ("no", "yes")[n % 2]) for n in range(40)]
    lines = [f"{question},{answer},{leak.format(answer)}" for question, answer in rows]
    (tmp_path / "all.csv").write_text("question,answer,context\n" + "\n".join(lines))
    with pytest.raises(TaskError, match=r"all\.csv:2: the column 'context' tells the right answer"):
        load_with_notes("toy", settings(), tmp_path, ALL, 1)
    found = load_with_notes("toy", settings(context="context"), tmp_path, ALL, 1)
    assert "the column 'context' (context) tells the right answer" in found.notes[0]


def test_a_context_that_stands_for_the_label(tmp_path: Path) -> None:
    """Lost otherwise: the result. The index of a label in an unmapped context gives the label away."""
    lines = [f"row {n},{('no', 'yes')[n % 2]},{n % 2}" for n in range(40)]
    (tmp_path / "all.csv").write_text("question,answer,context\n" + "\n".join(lines))
    with pytest.raises(TaskError, match=r"the column 'context' tells the right answer"):
        load_with_notes("toy", settings(), tmp_path, ALL, 1)


def test_other_columns_are_not_shown(tmp_path: Path) -> None:
    """Lost otherwise: the result. Only columns of mapped fields may reach a prompt."""
    lines = [f"row {n},{('no', 'yes')[n % 2]},secret {n}" for n in range(10)]
    (tmp_path / "all.csv").write_text("text,label,note\n" + "\n".join(lines))
    task = load_with_notes("toy", settings(question="text", answer="label"), tmp_path, ALL, 1).task
    assert "row 3" in shown(task)
    assert "secret" not in shown(task)


def test_a_question_that_holds_the_label_is_told(tmp_path: Path) -> None:
    """Lost otherwise: the result. A question with the right answer in it makes every prompt look good."""
    lines = [f"row {n} [{('no', 'yes')[n % 2]}],{('no', 'yes')[n % 2]}" for n in range(10)]
    (tmp_path / "all.csv").write_text("question,answer\n" + "\n".join(lines))
    found = load_with_notes("toy", settings(), tmp_path, ALL, 1)
    assert "the question holds the right answer" in found.notes[0]


def test_an_open_answer_may_stand_in_the_context(tmp_path: Path) -> None:
    """Lost otherwise: an honest task. The answer to a question about a text stands in the text."""
    for split in SPLITS:
        rows = [row(n, f"{split} {n}", id=f"{split}-{n}", question=f"Who is {split} {n}?",
                    context=f"He is {split} {n}.") for n in range(10)]  # fmt: skip
        write_rows(tmp_path / f"{split}.jsonl", rows)
    assert load(tmp_path, SPLITS, "text", ()).dev[0].context == "He is dev 0."


@pytest.mark.parametrize(
    "line",
    [
        '{"question": "q", "answer": "yes", "answer": "no"}',
        '{"question": "q", "answer": "yes", "deep": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"question": "q", "answer": "yes", "n": ' + "9" * 1_000_000 + "}",
        '{"question": "q\\u0000", "answer": "yes"}',
        '{"question": "q\\ud800", "answer": "yes"}',
        '{"question": NaN, "answer": "yes"}',
        '{"question": {"a": 1}, "answer": "yes"}',
        '{"question": "q", "answer": {"b": "yes"}}',
        '{"question": "q", "answer": "yes", "context": [1]}',
        '{"question": "q", "answer": 1e999}',
        '"question"',
        "{",
    ],
)
def test_a_hostile_line_is_named(tmp_path: Path, line: str) -> None:
    """Lost otherwise: an evening. Each hostile line is one error with its place, and never a traceback."""
    write_rows(tmp_path / "test.jsonl", [row(1), row(2, "no")])
    (tmp_path / "dev.jsonl").write_text(json.dumps(row(3)) + "\n" + line + "\n")
    with pytest.raises(TaskError, match=rf"^{tmp_path}/dev\.jsonl:2: "):
        load(tmp_path, SPLITS)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json"])
@PROPERTY
@given(
    raw=st.binary(max_size=200) | st.text(alphabet='ab,;\t|"\n\r{}[]:0\0\ufeff', max_size=200).map(str.encode)
)
def test_any_bytes_are_rows_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, raw: bytes
) -> None:
    """Lost otherwise: an evening. Whatever a file holds, it is read or refused by name."""
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_bytes(raw)
    try:
        for where, found in read_rows(name, folder):
            assert where.startswith(str(folder / name))
            assert isinstance(found, dict)
    except TaskError as error:
        message = str(error)
    else:
        return
    assert message.startswith(str(folder / name))


@pytest.mark.parametrize(
    "text", ["word " * 20_000, "a" * 100_000, "ab " * 20_000, "<" * 100_000, "9 " * 20_000], ids=range(5)
)
def test_long_texts_are_compared_in_bounded_work(tmp_path: Path, text: str) -> None:
    """Lost otherwise: an evening. Monotonous texts, the worst case of comparison, do not stop the loading."""
    for split in SPLITS:
        rows = [row(n, id=f"{split}-{n}", question=f"{text} {split[:1]}{'abcd'[n]}") for n in range(4)]
        write_rows(tmp_path / f"{split}.jsonl", rows)
    with suppress(TaskError):  # Texts that are nearly equal are refused as copies.
        load(tmp_path, SPLITS)


def test_the_limit_of_the_csv_module_stays(tmp_path: Path) -> None:
    """Lost otherwise: the limit that another library of the process relies on."""
    before = csv.field_size_limit()
    (tmp_path / "a.csv").write_text("x,y\n" + "z" * 300_000 + ",1\n")
    assert len(list(read_rows("a.csv", tmp_path))) == 1
    assert csv.field_size_limit() == before


def test_checksums_are_the_same_in_every_process() -> None:
    """Lost otherwise: repeatability. A near copy must not depend on the seed of Python's hashes."""
    code = (
        "from transfer_prompting.prompts.loading.fingerprints import fingerprints;"
        "from transfer_prompting.prompts.task import Example;"
        "asked = Example(id='', answer='', question='one two three ' * 3 + 'four five six');"
        "print(*fingerprints([asked]))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert "sketch=b''" not in found.pop()
