"""A cell is used as what it is, or refused with its row and column; it never becomes Python's repr."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from task_making import load, row, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.cells import MISSING, cell_text, find_cell
from transfer_prompting.prompts.task import Example, Task

CHAT = [{"role": "user", "content": "Is it?"}]
IMAGE = [{"type": "image_url", "image_url": {"url": "data:"}}, {"type": "text", "text": "cat?"}]


def loaded(folder: Path, rows: list[dict[str, Any]]) -> Task:
    """Return a text task whose dev holds `rows`."""
    for split, part in (("dev", rows), ("test", [row(90, "x"), row(91, "y")])):
        write_rows(folder / f"{split}.jsonl", part)
    return load(folder, {"dev": "dev.jsonl", "test": "test.jsonl"}, "text", ())


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("  a ", "a"),
        (True, "true"),
        (False, "false"),
        (-7, "-7"),
        (0.5, "0.5"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (Decimal("1E+3"), "1000"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 1, 2), "2024-02-29T01:02:00"),
    ],
)
def test_cells_with_a_text(cell: object, text: str) -> None:
    """Strings, numbers, booleans and dates have one obvious text."""
    assert cell_text(cell, "a.jsonl:1", "x") == text


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ({"a": 1}, r"a table \(a\).*such as 'x\.a'"),
        ([1, 2], r"a list of 2.*such as 'x\.0'"),
        (b"abc", "binary data"),
        (float("nan"), "nan, not a value"),
        (float("-inf"), "-inf, not a value"),
        (Decimal("NaN"), "NaN, not a value"),
        (CHAT, r"messages of a chat.*such as 'x\.0\.content'"),
        (IMAGE, "an image"),
        ({"bytes": None, "path": "a.png"}, "an image"),
        (object(), "a value of type object"),
        ("a\0b", "a NUL character"),
        ("a\ud800b", "half of a surrogate pair"),
        pytest.param(10**5000, "too many digits", id="huge"),
    ],
)
def test_cells_without_a_text(cell: object, words: str) -> None:
    """Any other cell is refused, naming its row, its column, its kind and the remedy."""
    with pytest.raises(TaskError, match=rf"^a\.jsonl:1: .*'x'.*{words}"):
        cell_text(cell, "a.jsonl:1", "x")


@pytest.mark.parametrize("field", ["question", "context", "id", "answer"])
def test_every_field_is_checked(tmp_path: Path, field: str) -> None:
    """No field takes a table, and the error names the line and the column."""
    with pytest.raises(TaskError, match=rf"dev\.jsonl:2: the column '{field}' holds a table \(deep\)"):
        loaded(tmp_path, [row(1, "a"), row(2, "b") | {field: {"deep": 1}}])


def test_columns_within_columns(tmp_path: Path) -> None:
    """A dot names a column within a column, or an item of a list. A name with a dot in it goes first."""
    assert find_cell({"a": {"b": [1, {"c": 2}]}}, "a.b.1.c") == 2
    assert find_cell({"a": {"b": 1}, "a.b": 2}, "a.b") == 2
    for column in ("a.x", "a.b.7", "z", "a.b.c"):
        assert find_cell({"a": {"b": [1]}}, column) is MISSING
    for split in ("dev", "test"):
        write_rows(
            tmp_path / f"{split}.jsonl", [{"t": {"en": f"{split} {n}", "de": f"{n}"}} for n in range(2)]
        )
    columns = {"question": "t.en", "answer": "t.de"}
    task = load(tmp_path, {"dev": "dev.jsonl", "test": "test.jsonl", "columns": columns}, "text", ())
    assert [(e.question, e.answer) for e in task.dev] == [("dev 0", "0"), ("dev 1", "1")]


@pytest.mark.parametrize(
    "cell", [["Ann", "Ann Lee", "Ann"], {"text": ["Ann", "Ann Lee"], "answer_start": [1, 1]}]
)
def test_several_right_answers(tmp_path: Path, cell: object) -> None:
    """A list of answers, also within a table as `text`, are all right; the first is the one that is shown."""
    example = loaded(tmp_path, [row(1, "x") | {"answer": cell}, row(2, "b")]).dev[0]
    assert example.right_answers == ("Ann", "Ann Lee")
    assert (example.answer, example.alternatives) == ("Ann", ("Ann Lee",))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ([], "an empty list, so no answer is right"),
        ({"text": []}, "an empty list"),
        (["a", None], "one of the right answers"),
        (["a", ["b"]], "a list of 1"),
        ({"value": "a"}, r"a table \(value\)"),
    ],
)
def test_bad_lists_of_answers(tmp_path: Path, cell: object, words: str) -> None:
    """A list without answers, or with an item that is none, is refused with its line."""
    with pytest.raises(TaskError, match=rf"dev\.jsonl:2: .*{words}"):
        loaded(tmp_path, [row(1, "a"), row(2, "b") | {"answer": cell}])


def test_one_answer_is_stored_as_before() -> None:
    """An example with one right answer has the same bytes as before there could be several."""
    example = Example(id="e", question="q", answer="a")
    assert example.model_dump_json() == '{"id":"e","question":"q","answer":"a","context":null,"choices":null}'
    several = Example(id="e", question="q", answer="a", alternatives=("b",))
    assert Example.model_validate_json(several.model_dump_json()) == several


@pytest.mark.parametrize("choices", ['["a", null]', '[["a"], "b"]', "{}", '["a", NaN]', "[" * 100_000])
def test_bad_choices(tmp_path: Path, choices: str) -> None:
    """Choices that are no list of texts are refused with their line."""
    (tmp_path / "all.csv").write_text(
        "question,choices,answer\n"
        + "".join(f'q{n},"{choices.replace(chr(34), chr(34) * 2)}",A\n' for n in "ab")
    )
    with pytest.raises(TaskError, match=r"all\.csv:2: .*choice"):
        load(tmp_path, {"all": "all.csv"}, "letter", ())
