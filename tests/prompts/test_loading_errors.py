"""Faulty data: every error names the file, the line and the remedy."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from task_making import load, row, write_rows

from transfer_prompting.prompts.errors import TaskError

FILES = {"train": "train.jsonl", "dev": "dev.jsonl", "test": "test.jsonl"}
GOOD = {"train": [row(1), row(2, "no")], "dev": [row(3), row(4, "no")], "test": [row(5), row(6, "no")]}


def write(folder: Path, **changed: Sequence[Mapping[str, Any]]) -> None:
    for split, rows in (GOOD | changed).items():
        write_rows(folder / f"{split}.jsonl", rows)


def test_wrong_label(tmp_path: Path) -> None:
    """An answer that is not a label is refused, naming its line."""
    write(tmp_path, dev=[row(3), row(4, "maybe")])
    with pytest.raises(
        TaskError, match=rf"{tmp_path}/dev\.jsonl:2: the answer 'maybe' is not one of yes, no"
    ):
        load(tmp_path, FILES)


def test_wrong_letter(tmp_path: Path) -> None:
    """A letter beyond the last choice is refused, naming its line."""
    write(tmp_path, train=[row(1, "C", choices=["a", "b"])])
    with pytest.raises(TaskError, match=r"train\.jsonl:1: the answer 'C' is not one of A, B"):
        load(tmp_path, FILES, "letter", ())


def test_choices_are_no_list(tmp_path: Path) -> None:
    """Choices written as one string are refused."""
    write(tmp_path, train=[row(1, "A", choices="a, b")])
    with pytest.raises(
        TaskError, match=r"train\.jsonl:1: choices must be a list \(in CSV a JSON list\), not 'a, b'"
    ):
        load(tmp_path, FILES, "letter", ())


@pytest.mark.parametrize("column", ["question", "answer"])
def test_missing_column(tmp_path: Path, column: str) -> None:
    """A row with a missing column is refused, naming its columns and the setting that maps them."""
    bad = {key if key != column else "other": value for key, value in row(4).items()}
    write(tmp_path, dev=[row(3), bad])
    with pytest.raises(TaskError) as error:
        load(tmp_path, FILES)
    message = str(error.value)
    assert message.startswith(f"{tmp_path / 'dev.jsonl'}:2: there is no column {column!r}")
    assert "there are id," in message
    assert "other" in message
    assert f"data.columns: {{ {column} = ... }}" in message


def test_missing_mapped_column(tmp_path: Path) -> None:
    """A column that the settings name must exist, even for an optional field."""
    write(tmp_path)
    with pytest.raises(TaskError, match=r"train\.jsonl:1: there is no column 'passage' for the context"):
        load(tmp_path, {**FILES, "columns": {"context": "passage"}})


@pytest.mark.parametrize("split", ["dev", "test"])
def test_empty_file(tmp_path: Path, split: str) -> None:
    """A split without examples is refused, naming its file and its purpose."""
    write(tmp_path, **{split: []})
    message = rf"no examples for {split} in {tmp_path}/{split}\.jsonl\. Add rows"
    with pytest.raises(TaskError, match=message):
        load(tmp_path, FILES)


def test_too_few_rows_for_dev(tmp_path: Path) -> None:
    """One row of train cannot be cut into two splits."""
    write(tmp_path, train=[row(1)])
    with pytest.raises(TaskError, match=r"no examples for dev in .*train\.jsonl"):
        load(tmp_path, {"train": "train.jsonl", "test": "test.jsonl"})


def test_too_few_rows_for_shares(tmp_path: Path) -> None:
    """A single row cannot be cut by shares; the error names the file."""
    write_rows(tmp_path / "all.jsonl", [row(1)])
    with pytest.raises(TaskError, match=r"no examples for dev in .*all\.jsonl"):
        load(tmp_path, {"all": "all.jsonl"})


def test_id_in_two_splits(tmp_path: Path) -> None:
    """An id in two splits is refused, naming both places, because test must stay unseen."""
    write(tmp_path, test=[row(5), row(1)])
    with pytest.raises(TaskError) as error:
        load(tmp_path, FILES)
    message = str(error.value)
    assert message.startswith(f"{tmp_path / 'test.jsonl'}:2: the id 'r1' of task toy stands in train")
    assert f"{tmp_path / 'train.jsonl'}:1" in message
    assert "one split only" in message


def test_id_twice_in_a_split(tmp_path: Path) -> None:
    """An id that occurs twice in one file is refused, naming both lines and no other split."""
    write(tmp_path, train=[row(1), row(2), row(1)])
    with pytest.raises(TaskError) as error:
        load(tmp_path, FILES)
    message = str(error.value)
    assert message.startswith(
        f"{tmp_path / 'train.jsonl'}:3: the id 'r1' of task toy stands in train already"
    )
    assert f"{tmp_path / 'train.jsonl'}:1" in message
    assert "id of its own" in message
    assert "one split" not in message


def test_same_file_for_two_splits(tmp_path: Path) -> None:
    """A file used for both dev and test is refused because of its ids."""
    write(tmp_path)
    with pytest.raises(TaskError, match="one split only"):
        load(tmp_path, {**FILES, "test": "dev.jsonl"})


def test_empty_answer(tmp_path: Path) -> None:
    """An empty answer never becomes a label; its row is refused."""
    write(tmp_path, dev=[row(3), row(4, "")])
    with pytest.raises(TaskError, match=r"dev\.jsonl:2: the answer '' is not one of no, yes"):
        load(tmp_path, FILES, labels=())


def test_empty_question(tmp_path: Path) -> None:
    """A row without a question is refused, naming its line."""
    write(tmp_path, test=[row(5), row(6, question=None)])
    with pytest.raises(TaskError, match=r"test\.jsonl:2: the question is empty"):
        load(tmp_path, FILES)


@pytest.mark.parametrize("answers", [["yes"], [f"answer {n}" for n in range(51)]])
def test_answers_that_are_no_labels(tmp_path: Path, answers: list[str]) -> None:
    """Data with one answer, or with too many, yield no labels; the error names the other types."""
    rows = {split: [row(n + 100 * i, a) for n, a in enumerate(answers)] for i, split in enumerate(GOOD)}
    write(tmp_path, **rows)
    with pytest.raises(
        TaskError, match=rf'hold {len(answers)} different answers.*"number", "text", "letter"'
    ):
        load(tmp_path, FILES, labels=())


def test_limits_do_not_hide_errors(tmp_path: Path) -> None:
    """Rows are checked before they are sampled, so that an error does not depend on the seed."""
    write(tmp_path, test=[row(5), row(6), row(7, "maybe")])
    for seed in range(5):
        with pytest.raises(TaskError, match="maybe"):
            load(tmp_path, FILES, limits={"train": 1, "dev": 1, "test": 1}, seed=seed)
