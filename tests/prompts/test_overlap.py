"""A question stands in one split only, whatever its length; what is left out is counted."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from task_making import ALL, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.task_loader import LoadedTask, load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings

Asked = tuple[str, str]
"""Question and answer."""
LONG = "The parcel with the blue lamp came three days too late and the box was torn on one side"


def loaded(folder: Path, **splits: Sequence[Asked | Mapping[str, Any]]) -> LoadedTask:
    """Load a text task from one file for each split."""
    for split, rows in splits.items():
        written = [
            one if isinstance(one, Mapping) else {"question": one[0], "answer": one[1]} for one in rows
        ]
        write_rows(folder / f"{split}.jsonl", written)
    settings = TaskSettings.model_validate(
        {
            "description": "Decide.",
            "initial_prompts": ["Decide."],
            "answer": {"type": "text"},
            "data": {split: f"{split}.jsonl" for split in splits},
        }
    )
    return load_with_notes("toy", settings, folder, ALL, 1)


def others(split: str, count: int = 4) -> list[Asked]:
    """Return questions that no other split has."""
    return [(f"Only {split} {n}", "x") for n in range(count)]


def questions(found: LoadedTask, split: str) -> set[str]:
    return {e.question for e in getattr(found.task, split)}


def test_order_of_protection(tmp_path: Path) -> None:
    """Test keeps its questions, dev loses those of test, and train loses those of test and dev."""
    found = loaded(
        tmp_path,
        train=[("a", "x"), ("b", "x"), ("c", "x"), *others("train")],
        dev=[("a", "x"), ("b", "x"), *others("dev")],
        test=[("a", "x"), *others("test")],
    )
    assert "a" in questions(found, "test")
    assert questions(found, "dev") == {"b", *(q for q, _ in others("dev"))}
    assert questions(found, "train") == {"c", *(q for q, _ in others("train"))}
    place = tmp_path
    assert found.notes == (
        "task toy: 1 of 6 rows of dev are left out, because they repeat a question of test. "
        f"The first: {place}/dev.jsonl:1 repeats {place}/test.jsonl:1.",
        "task toy: 2 of 7 rows of train are left out, because they repeat a question of test or dev. "
        f"The first: {place}/train.jsonl:1 repeats {place}/test.jsonl:1.",
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fine", "Fine."),
        ("fine", '  "FINE!" '),
        ("café au lait", unicodedata.normalize("NFD", "Café  au lait")),
        ("Is it?", "is it"),
        ("x", "x"),
        (LONG, LONG.replace("torn", "torn badly")),
        (LONG, LONG.replace("parcel", "parcell")),
        (LONG, f"Hello! {LONG}"),
        (f"{LONG}. {LONG} again and again", f"{LONG}. {LONG} again and once more"),
        ("The cat sat on the mat", "On the mat the cat sat"),
    ],
)
def test_the_same_question(tmp_path: Path, one: str, other: str) -> None:
    """Case, blanks, Unicode form, punctuation at the ends, and a few words are no difference."""
    found = loaded(tmp_path, dev=[(other, "x"), *others("dev")], test=[(one, "x"), *others("test")])
    assert questions(found, "dev") == {q for q, _ in others("dev")}
    assert len(found.notes) == 1
    assert "1 of 5 rows of dev are left out" in found.notes[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C#", "C++"),
        ("great :)", "great :("),
        ("?!", "..."),
        ("-5", "5"),
        ("dog bites man", "man bites dog"),
        ("Is Ann taller than Bob?", "Is Bob taller than Ann?"),
        ("Case 12: how many apples are left in the box after the sale today?",
         "Case 13: how many apples are left in the box after the sale today?"),
        ("Count the vowels a, e, i, o and u in the word saddle.",
         "Count the vowels a, e, i, o and u in the word silver."),
        ("It is known that the lamp is in the box in the hall",
         "It is known that the lamp is not in the box in the hall"),
    ],
)  # fmt: skip
def test_another_question(tmp_path: Path, one: str, other: str) -> None:
    """Signs, numbers, an exchanged word, swapped names and a negation make another question."""
    found = loaded(tmp_path, dev=[(other, "x"), *others("dev")], test=[(one, "x"), *others("test")])
    assert other in questions(found, "dev")
    assert found.notes == ()


def test_context_and_choices_count(tmp_path: Path) -> None:
    """The same question on another context, or another question on the same context, is another question."""
    rows = [
        {"question": "Is it good?", "context": f"{LONG} {name}", "answer": "x"}
        for name in ("in May", "of oak")
    ]
    other = {"question": "Is it bad?", "context": f"{LONG} in May", "answer": "x"}
    found = loaded(tmp_path, dev=[rows[1] | {"context": "Short"}, other], test=[rows[0]])
    assert (len(found.task.dev), found.notes) == (2, ())


def test_repeats_within_a_split(tmp_path: Path) -> None:
    """A question that occurs twice in test counts once, because the verdict needs independent examples."""
    found = loaded(tmp_path, dev=others("dev"), test=[*others("test"), ("Only TEST 0.", "x")])
    assert len(found.task.test) == 4
    assert "1 of 5 rows of test are left out, because they repeat a question of another row" in found.notes[0]


def test_contradictions_are_told(tmp_path: Path) -> None:
    """The same question with another answer is told with both places and answers."""
    found = loaded(tmp_path, dev=[("a", "no"), *others("dev")], test=[("a", "yes"), *others("test")])
    assert found.notes[1] == (
        "task toy: 1 of these rows contradict the right answer of the row that they repeat. The first: "
        f"{tmp_path}/dev.jsonl:1 says 'no', {tmp_path}/test.jsonl:1 says 'yes'."
    )


def test_punctuation_may_be_the_point(tmp_path: Path) -> None:
    """Texts that differ in case or punctuation and have different answers are different questions."""
    found = loaded(
        tmp_path,
        dev=[("He left?", "question"), *others("dev")],
        test=[("He left.", "statement"), *others("test")],
    )
    assert "He left?" in questions(found, "dev")


def test_mostly_the_same_is_refused(tmp_path: Path) -> None:
    """If more than half of a split is left out, the splits were not separate, and the task is refused."""
    with pytest.raises(
        TaskError, match=r"3 of 4 rows of dev repeat a question of test, such as .*dev\.jsonl:1"
    ):
        loaded(tmp_path, dev=[*others("test", 3), ("new", "x")], test=others("test"))


def whole(folder: Path, rows: Sequence[Asked]) -> LoadedTask:
    write_rows(folder / "all.jsonl", [{"question": q, "answer": a} for q, a in rows])
    settings = TaskSettings.model_validate(
        {
            "description": "Decide.",
            "initial_prompts": ["Decide."],
            "answer": {"type": "text"},
            "data": {"all": "all.jsonl"},
        }
    )
    return load_with_notes("toy", settings, folder, ALL, 1)


def test_one_file_is_cut_without_copies(tmp_path: Path) -> None:
    """Copies are left out before a file is cut, so that the shares hold for what remains."""
    found = whole(tmp_path, [*others("file", 20), *others("file", 10)])
    assert [len(found.task.split(split)) for split in ("train", "dev", "test")] == [4, 8, 8]
    assert "10 of 30 rows of the data are left out" in found.notes[0]


def test_short_texts_over_and_over(tmp_path: Path) -> None:
    """A file with ten words that occur six times each is refused instead of proving an improvement."""
    words = ["fine", "bad", "ok", "poor", "great", "awful", "nice", "ugly", "warm", "cold"]
    with pytest.raises(TaskError, match=r"50 of 60 rows of the data repeat .*all\.jsonl:11 repeats .*:1"):
        whole(tmp_path, [(word, "good") for _ in range(6) for word in words])
