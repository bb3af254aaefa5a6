"""Folds of a task: every row is held out once, whatever files, groups and labels the rows come with."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from task_making import ALL, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.folds import Fold
from transfer_prompting.prompts.loading.task_loader import LoadedTask, load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.prompts.task import Task


def rows(count: int, first: int = 0, **columns: Any) -> list[dict[str, Any]]:
    """Return `count` rows without ids, a fifth of them with the rarer label."""
    return [
        {"question": f"Row {n}?", "answer": "no" if n % 5 == 0 else "yes"}
        | {name: column(n) for name, column in columns.items()}
        for n in range(first, first + count)
    ]


def loaded(folder: Path, fold: Fold, seed: int = 1, **data: Any) -> LoadedTask:
    written = TaskSettings.model_validate(
        {
            "description": "Decide.",
            "initial_prompts": ["Decide."],
            "answer": {"type": "label"},
            "data": data or {"all": "all.jsonl"},
        }
    )
    return load_with_notes("toy", written, folder, ALL, seed, fold)


def folds(folder: Path, of: int, **options: Any) -> list[Task]:
    return [loaded(folder, Fold(number, of), **options).task for number in range(1, of + 1)]


def questions(task: Task, *splits: Any) -> list[str]:
    return [example.question for split in splits for example in task.split(split)]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(20, 60), of=st.integers(2, 7), seed=st.integers(0, 5))
def test_every_row_is_held_out_once(tmp_path: Path, count: int, of: int, seed: int) -> None:
    """Each row is in the test split of one fold, under one id, and in train or dev of all others."""
    write_rows(tmp_path / "all.jsonl", rows(count))
    found = folds(tmp_path, of, seed=seed)
    held_out = [question for task in found for question in questions(task, "test")]
    assert sorted(held_out) == sorted(row["question"] for row in rows(count))
    for task in found:
        assert sorted(questions(task, "train", "dev", "test")) == sorted(held_out)
    names = {(example.id, example.question) for task in found for example in (*task.dev, *task.test)}
    assert len(names) == len({id_ for id_, _ in names}) == count
    sizes = [len(task.test) for task in found]
    assert max(sizes) - min(sizes) <= 1


def test_the_division_follows_from_the_seed(tmp_path: Path) -> None:
    """The same seed gives the same folds, and another one others."""
    write_rows(tmp_path / "all.jsonl", rows(40))
    assert folds(tmp_path, 4, seed=1) == folds(tmp_path, 4, seed=1)
    assert folds(tmp_path, 4, seed=1) != folds(tmp_path, 4, seed=2)


def test_labels_are_balanced(tmp_path: Path) -> None:
    """Each fold, and the dev split that is left, has its share of a rare label."""
    write_rows(tmp_path / "all.jsonl", rows(50))
    for task in folds(tmp_path, 5):
        assert Counter(example.answer for example in task.test) == {"yes": 8, "no": 2}
        assert 0.15 < sum(example.answer == "no" for example in task.dev) / len(task.dev) < 0.25


def test_groups_are_not_split(tmp_path: Path) -> None:
    """No fold shares a group with the rows that its search sees, in train or dev."""
    write_rows(tmp_path / "all.jsonl", rows(60, customer=lambda n: f"c{n // 3}"))
    group = {f"Row {n}?": n // 3 for n in range(60)}
    found = folds(tmp_path, 5, all="all.jsonl", group="customer")
    for task in found:
        places = [
            {group[question] for question in questions(task, split)} for split in ("train", "dev", "test")
        ]
        assert sum(map(len, places)) == len(set().union(*places)) == 20
    assert sorted(q for task in found for q in questions(task, "test")) == sorted(group)


def test_separate_files_are_pooled(tmp_path: Path) -> None:
    """The rows of train, dev and test files are divided together, and a note says so."""
    names = ("train", "dev", "test")
    for position, name in enumerate(names):
        write_rows(tmp_path / f"{name}.jsonl", rows(10, 10 * position))
    data: dict[str, Any] = {name: f"{name}.jsonl" for name in names}
    held_out = [question for task in folds(tmp_path, 3, **data) for question in questions(task, "test")]
    assert sorted(held_out) == sorted(row["question"] for row in rows(30))
    [note] = loaded(tmp_path, Fold(2, 3), **data).notes
    assert note == "task toy: the rows of train, dev, test are pooled, and fold 2/3 of them is held out."


def test_a_copy_is_in_one_fold(tmp_path: Path) -> None:
    """A question that stands twice is held out once."""
    write_rows(tmp_path / "all.jsonl", [*rows(20), *rows(3)])
    held_out = [question for task in folds(tmp_path, 4) for question in questions(task, "test")]
    assert len(held_out) == len(set(held_out)) == 20


def test_too_few_rows_or_groups(tmp_path: Path) -> None:
    """Folds that rows or groups do not fill are refused, with the numbers and the remedy."""
    write_rows(tmp_path / "all.jsonl", rows(9, customer=lambda n: f"c{n // 5}"))
    with pytest.raises(TaskError, match=r"its 9 rows do not fill 5 folds .* Use fewer folds"):
        loaded(tmp_path, Fold(1, 5))
    with pytest.raises(TaskError, match=r"its 9 rows in 2 groups, which are not split, do not fill 3 folds"):
        loaded(tmp_path, Fold(1, 3), all="all.jsonl", group="customer")


def test_the_name_of_a_fold() -> None:
    """A fold is named by its number and their count; anything else is refused."""
    assert Fold.parse("2/5") == Fold(2, 5)
    assert str(Fold(2, 5)) == "2/5"
    for wrong in ("0/5", "6/5", "1/1", "1/101", "2", "2/", "a/b", "2/5/1", " 2/5", "02/5", "²/5", "-1/5", ""):
        with pytest.raises(ValueError, match="names no fold"):
            Fold.parse(wrong)
