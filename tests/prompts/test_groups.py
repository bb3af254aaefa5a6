"""Splits that are cut from one file: whole groups, balanced labels, weights."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import ALL, PROPERTY, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.balance import by_groups, by_labels, drawn
from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.prompts.task import Split, Task

SPLITS: Sequence[Split] = ("train", "dev", "test")


def rows(labels: Sequence[str], **columns: Sequence[object]) -> list[dict[str, object]]:
    return [
        {"id": n, "question": f"Row {n}?", "answer": label}
        | {name: cells[n] for name, cells in columns.items()}
        for n, label in enumerate(labels)
    ]


def loaded(folder: Path, limits: Mapping[Split, int] = ALL, seed: int = 1, **data: Any) -> Task:
    settings = TaskSettings.model_validate(
        {
            "description": "Decide.",
            "initial_prompts": ["Decide."],
            "answer": {"type": "label"},
            "data": {"all": "all.jsonl"} | data,
        }
    )
    return load_with_notes("toy", settings, folder, limits, seed).task


def shares(task: Task, label: str) -> list[int]:
    return [sum(example.answer == label for example in task.split(split)) for split in SPLITS]


def test_labels_are_balanced(tmp_path: Path) -> None:
    """Each split has its share of each label, also of a rare one, for any seed; so has a draw from it."""
    write_rows(tmp_path / "all.jsonl", rows(["yes"] * 80 + ["rare"] * 20))
    for seed in range(5):
        task = loaded(tmp_path, seed=seed)
        assert shares(task, "rare") == [4, 8, 8]
        few = loaded(tmp_path, limits={"train": 5, "dev": 10, "test": 10}, seed=seed)
        assert shares(few, "rare") == [1, 2, 2]
    assert loaded(tmp_path, seed=1) == loaded(tmp_path, seed=1)
    assert loaded(tmp_path, seed=1) != loaded(tmp_path, seed=2)


def test_splits_are_not_sorted_by_label(tmp_path: Path) -> None:
    """The rows of a balanced split stand in a random order, because prompts are raced in this order."""
    write_rows(tmp_path / "all.jsonl", rows(["yes", "no"] * 50))
    answers = [example.answer for example in loaded(tmp_path).dev]
    assert sum(one != other for one, other in pairwise(answers)) > 8


def test_balance_may_be_refused(tmp_path: Path) -> None:
    """Without stratify, chance alone decides."""
    write_rows(tmp_path / "all.jsonl", rows(["yes"] * 80 + ["rare"] * 20))
    found = {tuple(shares(loaded(tmp_path, seed=seed, stratify=False), "rare")) for seed in range(8)}
    assert len(found) > 1


def groups_of(task: Task, by_id: Mapping[str, str]) -> list[set[str]]:
    return [{by_id[example.id] for example in task.split(split)} for split in SPLITS]


def test_groups_stay_together(tmp_path: Path) -> None:
    """Rows of one group stand in one split, and the sizes and labels are still nearly as wanted."""
    customers = [f"c{n // 4}" for n in range(200)]
    write_rows(tmp_path / "all.jsonl", rows(["yes", "no"] * 100, customer=customers))
    by_id = {str(n): customer for n, customer in enumerate(customers)}
    for seed in range(4):
        task = loaded(tmp_path, seed=seed, group="customer")
        train, dev, test = groups_of(task, by_id)
        assert not (train & dev | train & test | dev & test)
        assert [len(task.split(split)) for split in SPLITS] == [40, 80, 80]
        assert shares(task, "yes") == [20, 40, 40]


def test_half_of_train_keeps_groups(tmp_path: Path) -> None:
    """Groups stay together when half of train becomes dev; an empty cell is a group of its own."""
    cells = [*("ab" * 10), *([""] * 10)]
    write_rows(tmp_path / "train.jsonl", rows(["yes", "no"] * 15, customer=cells))
    write_rows(tmp_path / "test.jsonl", [{"question": "Else?", "answer": "no", "customer": "z", "id": "t"}])
    task = loaded(tmp_path, all=None, train="train.jsonl", test="test.jsonl", group="customer")
    by_id = {str(n): cell for n, cell in enumerate(cells)} | {"t": "z"}
    train, dev, _ = groups_of(task, by_id)
    assert train & dev <= {""}
    assert (len(task.train), len(task.dev)) == (15, 15)


def test_given_files_are_checked(tmp_path: Path) -> None:
    """A group that stands in two of the given files is an error that names both places."""
    write_rows(tmp_path / "dev.jsonl", rows(["yes", "no"], customer=["a", "b"]))
    write_rows(tmp_path / "test.jsonl", [{"id": "t", "question": "Else?", "answer": "no", "customer": "b"}])
    with pytest.raises(
        TaskError, match=r"test\.jsonl:1: the group 'b' of task toy stands in dev .*dev\.jsonl:2"
    ):
        loaded(tmp_path, all=None, dev="dev.jsonl", test="test.jsonl", group="customer")


def test_too_few_groups(tmp_path: Path) -> None:
    """One group for all rows leaves a split without rows, which is an error that says so."""
    write_rows(tmp_path / "all.jsonl", rows(["yes", "no"] * 10, customer=["a"] * 20))
    with pytest.raises(TaskError, match=r"no examples for .* not all of the same few groups"):
        loaded(tmp_path, group="customer")


def test_weights(tmp_path: Path) -> None:
    """A column of positive numbers, as numbers or as text, gives the examples their weights."""
    write_rows(tmp_path / "all.jsonl", rows(["yes", "no"] * 2, w=[2, "0.5", 1, 1e3]))
    task = loaded(tmp_path, shares=(0, 0.5, 0.5), weight="w")
    assert {e.id: e.weight for e in (*task.dev, *task.test)} == {"0": 2, "1": 0.5, "2": 1, "3": 1000}


@pytest.mark.parametrize("weight", [0, -1, "many", None, float("nan"), 1e999, [1], ""])
def test_faulty_weights(tmp_path: Path, weight: object) -> None:
    """A weight that is no positive number names its row."""
    write_rows(tmp_path / "all.jsonl", rows(["yes", "no"], w=[1, weight]))
    with pytest.raises(
        TaskError, match=r"all\.jsonl:2: the column 'w' \(data\.weight\) holds .* no positive number"
    ):
        loaded(tmp_path, weight="w")


@pytest.mark.parametrize("key", ["weight", "group"])
def test_missing_columns(tmp_path: Path, key: str) -> None:
    """A column of weights or groups that is not there names the key."""
    write_rows(tmp_path / "all.jsonl", rows(["yes", "no"]))
    with pytest.raises(
        TaskError, match=rf"all\.jsonl:1: there is no column 'w', which data\.{key} names; there are id"
    ):
        loaded(tmp_path, **{key: "w"})  # type: ignore[arg-type]


@PROPERTY
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "g", "h", "i", "j"])), max_size=60),
       st.integers(0, 9), st.integers(0, 9))  # fmt: skip
def test_every_row_stands_in_one_split(pairs: list[tuple[str, str]], one: int, seed: int) -> None:
    """For any labels and groups no row is lost or doubled, no group is torn, and sizes are kept exactly."""
    numbered = list(enumerate(pairs))
    first = min(one, len(pairs))
    sizes: dict[Split, int] = {"train": first, "test": len(pairs) - first}
    found = by_labels(numbered, sizes, seed, lambda row: row[1][0])
    assert {split: len(rows) for split, rows in found.items()} == sizes
    assert sorted(row for rows in found.values() for row in rows) == numbered
    if not pairs:
        return
    found = by_groups(numbered, sizes, seed, lambda row: row[1][1])
    assert sorted(row for rows in found.values() for row in rows) == numbered
    torn = Counter(group for rows in found.values() for group in {row[1][1] for row in rows} - {""})
    assert all(count == 1 for count in torn.values())
    assert len(drawn(numbered, 7, seed, lambda row: row[1][0])) == min(7, len(pairs))
