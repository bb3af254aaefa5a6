"""The meaning of the right answers is declared, or the whole column decides; it never differs by row."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from task_making import ALL, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.summary import remarks, summarise
from transfer_prompting.prompts.loading.task_loader import LoadedTask, load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings

DIGITS = ["3", "2", "0", "1"]
WORDS = ["red", "green", "blue", "grey"]


def loaded(
    folder: Path,
    rows: Sequence[dict[str, Any]],
    columns: dict[str, Any] | None = None,
    source: str = "all.jsonl",
    **answer: Any,
) -> LoadedTask:
    """Load rows, each with a question of its own, as a task of type "letter" or as `answer` says."""
    if source.endswith("jsonl"):
        write_rows(
            folder / source, [{"question": f"Question {n}?", "id": n} | one for n, one in enumerate(rows)]
        )
    settings = TaskSettings.model_validate(
        {
            "description": "Choose.",
            "initial_prompts": ["Choose."],
            "answer": {"type": "letter"} | answer,
            "data": {"all": source, "shares": (0, 0.5, 0.5), "columns": columns or {}},
        }
    )
    return load_with_notes("toy", settings, folder, ALL, 1)


def choosing(choices: Sequence[object], *answers: object) -> list[dict[str, Any]]:
    return [{"choices": choices, "answer": answer} for answer in answers]


def answers(found: LoadedTask) -> list[str]:
    """Return the answers in the order of the rows."""
    return [e.answer for e in sorted((*found.task.dev, *found.task.test), key=lambda e: int(e.id))]


@pytest.mark.parametrize(
    ("choices", "golds", "meaning", "letters"),
    [
        (DIGITS, [2, 3, 1, 0], "index", "CDBA"),
        (WORDS, [2, 0, 1], "index", "CAB"),
        (WORDS, ["0", "3"], "index", "AD"),
        (WORDS, [2.0, 0.0], "index", "CA"),
        (WORDS, [4, 1], "index1", "DA"),
        (WORDS, ["blue", "RED"], "text", "CA"),
        (WORDS, ["C", "(a)", "b."], "letter", "CAB"),
        (WORDS, ["C. blue", "A) red"], "letter", "CA"),
        (["<", ">"], [">", "<"], "text", "BA"),
        (["A", "B", "C"], ["C", "A"], "letter", "CA"),
    ],
)
def test_the_column_decides(
    tmp_path: Path, choices: list[object], golds: list[object], meaning: str, letters: str
) -> None:
    """The only meaning that fits every row is taken; an integer beside choices that are texts is an index."""
    found = loaded(tmp_path, choosing(choices, *golds))
    assert (found.gold, "".join(answers(found))) == (meaning, letters)


def test_all_rows_count(tmp_path: Path) -> None:
    """One row that a meaning does not fit rules it out for all others."""
    rows = [*choosing([3, 2, 0, 1], 3, 2), *choosing([7, 3], 7)]
    found = loaded(tmp_path, rows)
    assert (found.gold, answers(found)) == ("text", ["A", "B", "A"])


@pytest.mark.parametrize(
    ("choices", "golds", "named"),
    [
        (DIGITS, ["2", "0"], '"text" or "index"'),
        ([3, 2, 0, 1], [2, 0], '"text" or "index"'),
        (WORDS, [1, 2], '"index" or "index1"'),
        (["B", "A"], ["A", "B"], '"letter" or "text"'),
    ],
)
def test_ambiguous_columns(tmp_path: Path, choices: list[object], golds: list[object], named: str) -> None:
    """A column that two meanings fit is refused with a row, both readings and the setting to add."""
    with pytest.raises(TaskError, match=rf"all\.jsonl:1: the answer .* may be .* answer\.gold = {named}"):
        loaded(tmp_path, choosing(choices, *golds))


def test_mixed_columns(tmp_path: Path) -> None:
    """A column in which some answers are letters and others choices is refused, naming one row of each."""
    with pytest.raises(TaskError, match=r"all\.jsonl:2: the answer 'blue' is not the letter.*all\.jsonl:1"):
        loaded(tmp_path, choosing(WORDS, "A", "blue", "B"))


@pytest.mark.parametrize(
    ("gold", "golds", "letters"),
    [
        ("index", ["2", "0"], "CA"),
        ("index1", ["2", "1"], "BA"),
        ("text", ["2", "0"], "BC"),
        ("letter", ["b", "a"], "BA"),
    ],
)
def test_declared(tmp_path: Path, gold: str, golds: list[object], letters: str) -> None:
    """A declared meaning is taken, also where another one would fit."""
    found = loaded(tmp_path, choosing(DIGITS, *golds), gold=gold)
    assert (found.gold, "".join(answers(found))) == (gold, letters)


@pytest.mark.parametrize(
    ("gold", "bad", "allowed"),
    [
        ("index", 4, "0, 1, 2, 3"),
        ("index1", 0, "1, 2, 3, 4"),
        ("text", "pink", "red, green"),
        ("letter", "E", "A, B"),
    ],
)
def test_declared_and_wrong(tmp_path: Path, gold: str, bad: object, allowed: str) -> None:
    """An answer that the declared meaning does not allow is refused with its line and what is allowed."""
    good = {"index": 0, "index1": 1, "text": "red", "letter": "A"}[gold]
    with pytest.raises(TaskError, match=rf"all\.jsonl:2: the answer '{bad}' is not one of {allowed}"):
        loaded(tmp_path, choosing(WORDS, good, bad), gold=gold)


def test_keys(tmp_path: Path) -> None:
    """With a column of keys, an answer is the key of a choice, whatever the keys of each row are."""
    rows = [
        {"choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answer": "B"},
        {"choices": {"text": ["x", "y", "z"], "label": ["1", "2", "3"]}, "answer": "3"},
    ]
    found = loaded(tmp_path, rows, {"keys": "choices.label"})
    assert (found.gold, answers(found)) == ("key", ["B", "C"])
    with pytest.raises(TaskError, match=r"all\.jsonl:1: the answer 'C' is not one of A, B"):
        loaded(tmp_path, [rows[0] | {"answer": "C"}, rows[1]], {"keys": "choices.label"})


def test_choices_in_columns(tmp_path: Path) -> None:
    """Choices may stand in columns of their own."""
    (tmp_path / "all.csv").write_text("id,question,A,B,answer\n0,q0,one,two,B\n1,q1,three,four,A\n")
    found = loaded(tmp_path, [], {"choices": ["A", "B"]}, source="all.csv")
    assert answers(found) == ["B", "A"]
    assert {e.choices for e in (*found.task.dev, *found.task.test)} == {("one", "two"), ("three", "four")}


def test_labels_by_index(tmp_path: Path) -> None:
    """Labels by their index are declared, never guessed; booleans are 0 and 1."""
    rows: list[dict[str, Any]] = [{"answer": 0}, {"answer": 1}, {"answer": True}, {"answer": False}]
    labels: dict[str, Any] = {"type": "label", "labels": ["negative", "positive"]}
    found = loaded(tmp_path, rows, gold="index", **labels)
    assert answers(found) == ["negative", "positive", "positive", "negative"]
    with pytest.raises(TaskError, match=r'all\.jsonl:1: .*answer\.gold = "index" \(0 is negative\)'):
        loaded(tmp_path, rows[:2], **labels)


def test_after(tmp_path: Path) -> None:
    """With a mark, the answer is what stands after its last occurrence; a row without it is refused."""
    rows = [{"answer": "2*3=6 #### 5\n#### 6"}, {"answer": "#### 1,000"}]
    assert answers(loaded(tmp_path, rows, type="number", after="####")) == ["6", "1,000"]
    with pytest.raises(TaskError, match=r"all\.jsonl:2: there is no '####' \(answer\.after\) in the column"):
        loaded(tmp_path, [rows[0], {"answer": "6"}], type="number", after="####")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"type": "number", "gold": "index"}, "gold belongs to"),
        ({"type": "label", "gold": "index"}, "needs the labels in their order"),
        ({"type": "letter", "gold": "key"}, "needs the column of the keys"),
        ({"type": "letter", "gold": "number"}, "'text', 'letter'"),
    ],
)
def test_settings_that_mean_nothing(tmp_path: Path, answer: dict[str, Any], message: str) -> None:
    """A declaration that cannot be followed is refused before the data are read."""
    with pytest.raises(ValidationError, match=message):
        loaded(tmp_path, [], **answer)


def test_the_meaning_is_told(tmp_path: Path) -> None:
    """The summary and the remarks of a run name the meaning."""
    found = loaded(tmp_path, choosing(WORDS, 0, 3))
    assert summarise(found).gold == "the index of an option, counted from 0"
    assert remarks(found) == (
        "task toy: a right answer in the data is read as the index of an option, counted from 0.",
    )
