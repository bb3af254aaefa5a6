"""Loading a task with its splits from files."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import PROPERTY, load, row, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading import splits
from transfer_prompting.prompts.loading.data_settings import DataSettings
from transfer_prompting.prompts.loading.task_loader import read_task_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with ten rows of train, six of dev and six of test."""
    for split, first, count in (("train", 0, 10), ("dev", 10, 6), ("test", 20, 6)):
        rows = [row(n, "yes" if n % 2 else "no") for n in range(first, first + count)]
        write_rows(tmp_path / f"{split}.jsonl", rows)
    return tmp_path


FILES = {"train": "train.jsonl", "dev": "dev.jsonl", "test": "test.jsonl"}


def test_three_files(folder: Path) -> None:
    """Each split holds the rows of its file, in the order of the file."""
    task = load(folder, FILES)
    assert [e.id for e in task.train] == [f"r{n}" for n in range(10)]
    assert [e.id for e in task.dev] == [f"r{n}" for n in range(10, 16)]
    assert [e.id for e in task.test] == [f"r{n}" for n in range(20, 26)]
    assert task.split("dev") == task.dev


def test_dev_cut_from_train(folder: Path) -> None:
    """Without a file for dev, half of train becomes it, drawn with the seed."""
    data = {"train": "train.jsonl", "test": "test.jsonl"}
    task = load(folder, data)
    assert (len(task.train), len(task.dev)) == (5, 5)
    assert {e.id for e in (*task.train, *task.dev)} == {f"r{n}" for n in range(10)}
    assert load(folder, data) == task
    assert load(folder, data, seed=2) != task


def test_no_train(folder: Path) -> None:
    """A task may have no training examples."""
    assert load(folder, {"dev": "dev.jsonl", "test": "test.jsonl"}).train == ()


@pytest.mark.parametrize(
    ("shares", "sizes"),
    [((0.2, 0.4, 0.4), (4, 8, 8)), ((0, 0.5, 0.5), (0, 10, 10)), ((0.5, 0.25, 0.25), (10, 5, 5))],
)
def test_all_with_shares(tmp_path: Path, shares: tuple[float, ...], sizes: tuple[int, ...]) -> None:
    """One file is cut by the shares into three splits that share no row and lose none."""
    write_rows(tmp_path / "all.jsonl", [row(n) for n in range(20)])
    task = load(tmp_path, {"all": "all.jsonl", "shares": shares})
    assert (len(task.train), len(task.dev), len(task.test)) == sizes
    assert {e.id for e in (*task.train, *task.dev, *task.test)} == {f"r{n}" for n in range(20)}
    assert load(tmp_path, {"all": "all.jsonl", "shares": shares}) == task


def test_limits(folder: Path) -> None:
    """Each split keeps at most as many examples as its limit allows, drawn with the seed."""
    task = load(folder, FILES, limits={"train": 0, "dev": 3, "test": 100})
    assert (len(task.train), len(task.dev), len(task.test)) == (0, 3, 6)
    assert load(folder, FILES, limits={"train": 0, "dev": 3, "test": 100}) == task
    assert set(task.dev) < set(load(folder, FILES).dev)


def test_digest(folder: Path) -> None:
    """Equal data have equal digests, and different data have different ones."""
    task = load(folder, FILES)
    assert load(folder, FILES).digest() == task.digest()
    assert load(folder, FILES, limits={"train": 1, "dev": 3, "test": 3}).digest() != task.digest()


def test_columns(tmp_path: Path) -> None:
    """Columns may have other names than the fields; numbers become text, and blank cells become None."""
    rows = [{"key": n, "text": f" Which {n}? ", "gold": n, "passage": "  "} for n in range(4)]
    write_rows(tmp_path / "all.jsonl", rows)
    columns = {"id": "key", "question": "text", "answer": "gold", "context": "passage"}
    task = load(tmp_path, {"all": "all.jsonl", "columns": columns, "shares": (0, 0.5, 0.5)}, "number", ())
    found = {e.id: (e.question, e.answer, e.context) for e in (*task.dev, *task.test)}
    assert found == {str(n): (f"Which {n}?", str(n), None) for n in range(4)}


def test_ids_are_made(tmp_path: Path) -> None:
    """A row without an id is named after its split and number."""
    for split in ("dev", "test"):
        rows = [{"question": f"Is {split} {n}?", "answer": "yes"} for n in "ab"]
        write_rows(tmp_path / f"{split}.jsonl", rows)
    task = load(tmp_path, {"dev": "dev.jsonl", "test": "test.jsonl"})
    assert [e.id for e in (*task.dev, *task.test)] == ["dev-1", "dev-2", "test-1", "test-2"]


def test_letters(tmp_path: Path) -> None:
    """Each row has its own choices, and its answer is a letter."""
    rows = [row(1, "B", choices=["red", 2]), row(2, "A", choices=["red", "blue", "green"])]
    write_rows(tmp_path / "dev.jsonl", rows)
    write_rows(tmp_path / "test.jsonl", [row(3, "A", choices=["x", "y"])])
    task = load(tmp_path, {"dev": "dev.jsonl", "test": "test.jsonl"}, "letter", ())
    assert [(e.choices, task.options(e)) for e in task.dev] == [
        (("red", "2"), ("A", "B")),
        (("red", "blue", "green"), ("A", "B", "C")),
    ]


def test_labels_from_the_data(folder: Path) -> None:
    """Without labels, a label task uses the answers in its data, in alphabetical order."""
    assert load(folder, FILES, labels=()).answer.labels == ("no", "yes")


def test_options_of_open_answers(folder: Path) -> None:
    """A task with open answers has no options."""
    task = load(folder, FILES, "text", ())
    assert task.options(task.dev[0]) is None


@PROPERTY
@given(st.integers(2, 60), st.integers(0, 2**32), st.tuples(*[st.integers(1, 9)] * 3))
def test_splits_are_disjoint(count: int, seed: int, parts: tuple[int, int, int]) -> None:
    """For any shares, no row is in two splits and none is lost."""
    whole = sum(parts)
    data = DataSettings(all="all.jsonl", shares=(parts[0] / whole, parts[1] / whole, parts[2] / whole))
    found = splits.cut(data, {"all": range(count)}, seed)
    assert sorted(row for rows in found.values() for row in rows) == list(range(count))


TASK_FILE = """
description = "Decide."
initial_prompts = ["Answer."]
[answer]
type = "label"
[data]
all = "all.jsonl"
"""


def test_task_file(tmp_path: Path) -> None:
    """The settings of a task are read from task.toml in its folder."""
    (tmp_path / "task.toml").write_text(TASK_FILE)
    assert read_task_file(tmp_path).data.all == "all.jsonl"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            TASK_FILE.replace('type = "label"', 'type = "word"'),
            r"(?s)answer\.type.*'label', 'letter', 'number', 'text', 'list', 'json' or 'raw'",
        ),
        (TASK_FILE.replace('["Answer."]', "[]"), "initial_prompts"),
        (TASK_FILE.replace("all =", "al ="), r"data"),
        (TASK_FILE + "colour = 1", r"data\.colour = 1: there is no such key"),
        (TASK_FILE + 'train = "x"', r"not both"),
        (TASK_FILE + "shares = [0.5, 0.5, 0.5]", r"add up to 1"),
        (TASK_FILE + "shares = [1.5, -0.5, 0]", r"must not be negative"),
        (TASK_FILE + 'columns = { colour = "x" }', r"no field is called colour"),
        (TASK_FILE.replace('all = "all.jsonl"', 'train = "x"'), r"`test` and at least one"),
        (TASK_FILE.replace('all = "all.jsonl"', 'test = "x"'), r"`test` and at least one"),
        ("description = ", "Invalid value"),
        ("\x80", "utf-8|UTF-8"),
    ],
)
def test_bad_task_file(tmp_path: Path, text: str, message: str) -> None:
    """Invalid settings are refused, naming the file and the key."""
    (tmp_path / "task.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(TaskError, match=message) as error:
        read_task_file(tmp_path)
    assert str(tmp_path / "task.toml") in str(error.value)


def test_no_task_file(tmp_path: Path) -> None:
    """A folder without task.toml is no task."""
    with pytest.raises(TaskError, match=r"task\.toml: there is no such file"):
        read_task_file(tmp_path)
