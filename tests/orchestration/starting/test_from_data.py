"""`tp init --data FILE` writes a configuration that fits the file and loads."""

import csv
import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import PROPERTY, write_rows

from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.starting.data_configuration import from_data
from transfer_prompting.prompts.errors import TaskError

Rows = Sequence[Mapping[str, Any]]


def task_for(folder: Path, rows: Rows, answer: str | None = None, name: str = "rows.jsonl") -> dict[str, Any]:
    """Return the task that is written for rows, with the remarks as the key `remarks`."""
    write_rows(folder / name, rows)
    return started(folder / name, answer)


def started(file: Path, answer: str | None = None) -> dict[str, Any]:
    found = from_data(file, answer, file.parent / "run.toml")
    [task] = tomllib.loads(found.text)["tasks"].values()
    return {**task, "remarks": found.remarks}


def texts(count: int = 24) -> list[str]:
    return [f"Row {n}: the parcel came {n} days late 🙂" for n in range(count)]


def test_labels(tmp_path: Path) -> None:
    """A column of few short texts holds labels, and the usual request asks for them."""
    rows = [{"review": text, "mood": ("good", "bad")[n % 2]} for n, text in enumerate(texts())]
    task = task_for(tmp_path, rows)
    assert task["answer"] == {"type": "label", "labels": ["bad", "good"]}
    assert task["data"] == {"all": "rows.jsonl", "columns": {"question": "review", "answer": "mood"}}
    assert "messages" not in task


def test_the_answer_is_named(tmp_path: Path) -> None:
    """The option names the column of the answers, whatever the columns are called."""
    rows = [{"answer": text, "mood": ("good", "bad")[n % 2]} for n, text in enumerate(texts())]
    assert task_for(tmp_path, rows, "mood")["data"]["columns"]["answer"] == "mood"
    with pytest.raises(ConfigError, match=r"no column 'moods' with answers; there are answer, mood"):
        task_for(tmp_path, rows, "moods")


@pytest.mark.parametrize(
    ("columns", "answer", "mapped"),
    [
        ({"choices": ["a b", "c", "d"], "answer": "B"}, {"type": "letter"}, {"choices": "choices"}),
        ({"choices": ["a b", "c"], "answer": 1}, {"type": "letter", "gold": "index"}, {"choices": "choices"}),
        ({"options": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"}, {"type": "letter"},
         {"choices": "options.text", "keys": "options.label", "answer": "answerKey"}),
        ({"A": "x", "B": "y", "C": "z", "answer": "C"}, {"type": "letter"}, {"choices": ["A", "B", "C"]}),
        ({"option_1": "x", "option_2": "y", "label": "y"}, {"type": "letter"},
         {"choices": ["option_1", "option_2"]}),
    ],
)  # fmt: skip
def test_choices(tmp_path: Path, columns: Mapping[str, Any], answer: Mapping[str, Any], mapped: Any) -> None:
    """Choices in a list, in a table or in several columns make questions with letters."""
    task = task_for(tmp_path, [{"question": text, **columns} for text in texts()])
    assert task["answer"] == answer
    assert mapped.items() <= task["data"]["columns"].items()


@pytest.mark.parametrize(
    ("cells", "answer", "metric"),
    [
        ([f"So {n}+1={n + 1}.\n#### {n + 1}" for n in range(24)],
         {"type": "number", "after": "####", "marker": "####"}, None),
        ([str(n * 7.5) for n in range(24)], {"type": "number"}, None),
        ([1, 2, 3, 4] * 6, {"type": "label", "labels": ["1", "2", "3", "4"]}, None),
        ([True, False] * 12, {"type": "label", "labels": ["false", "true"]}, None),
        (["a;b", "b", "c;a", "c"] * 6, {"type": "list", "labels": ["a", "b", "c"]}, "set_f1"),
        ([["a", "b"], [], ["c"]] * 8, {"type": "list", "labels": ["a", "b", "c"]}, "set_f1"),
        ([[f"item {n}", "é"] for n in range(24)], {"type": "list"}, "set_f1"),
        ([{"name": f"Ann {n}", "paid": n} for n in range(24)], {"type": "json"}, "json_fields"),
        ([json.dumps({"name": f"Ann {n}"}) for n in range(24)], {"type": "json"}, "json_fields"),
        ([{"text": [f"Ann {n}"], "start": [1]} for n in range(24)], {"type": "text"}, "token_f1"),
        ([f"Ann {n}" for n in range(24)], {"type": "text"}, "token_f1"),
        ([f"In short, the {n} people who had come were told to wait." for n in range(24)],
         {"type": "raw"}, "rouge_l"),
    ],
)  # fmt: skip
def test_forms(tmp_path: Path, cells: Sequence[Any], answer: dict[str, Any], metric: str | None) -> None:
    """The cells of the answers decide between labels, numbers, lists, JSON, short and long texts."""
    rows = [{"text": text, "gold": cell} for text, cell in zip(texts(), cells, strict=True)]
    task = task_for(tmp_path, rows)
    assert task["answer"] == answer
    assert task.get("metric") == metric


def test_several_inputs(tmp_path: Path) -> None:
    """Several columns are shown by messages; those that only count rows or give the answer away are not."""
    rows = [
        {"id": n, "passage": f"Passage {n}", "my question": f"Who {n}?", "tone": ("kind", None)[n % 2],
         "answers": [f"Ann {n}", "Ann"], "answer": f"Ann {n}", "constant": "x", "pixels": {"a": [1]}}
        for n in range(24)
    ]  # fmt: skip
    task = task_for(tmp_path, rows)
    assert [message["role"] for message in task["messages"]] == ["system", "user"]
    shown = task["messages"][1]["content"]
    assert (
        shown == "passage: {{ passage }}\n\nmy question: {{ my question }}\n\ntone: {{ tone }}"
        or "tone" not in shown
    )
    assert not any(name in shown for name in ("id", "answers", "constant", "pixels"))
    assert any("Not used: 'id'" in remark for remark in task["remarks"])


def test_fields_of_the_answer_are_not_shown(tmp_path: Path) -> None:
    """Columns with the fields of a JSON answer, and those that stand for the label, would give it away."""
    rows: list[dict[str, object]] = [
        {"mail": f"Mail {n}", "name": f"Ann {n}", "json": json.dumps({"name": f"Ann {n}"})} for n in range(24)
    ]
    assert task_for(tmp_path, rows)["messages"][1]["content"] == "{{ mail }}"
    rows = [{"text": f"Text {n}", "label": n % 3, "label_text": "abc"[n % 3]} for n in range(24)]
    assert task_for(tmp_path, rows)["data"]["columns"] == {"question": "text", "answer": "label"}


def test_chats_and_images(tmp_path: Path) -> None:
    """A chat history and a message with an image are shown as they are."""
    rows: list[dict[str, object]] = [
        {"chat": [{"role": "user", "content": f"Hi {n}"}], "topic": "ab"[n % 2]} for n in range(24)
    ]
    assert task_for(tmp_path, rows)["messages"][1]["content"] == "{{ chat }}"
    parts: list[object] = [
        {"type": "text", "text": "Cat?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}},
    ]
    rows = [
        {"question": [*parts, {"type": "text", "text": str(n)}], "answer": "ab"[n % 2]} for n in range(24)
    ]
    assert task_for(tmp_path, rows)["messages"][1]["content"] == "{{ question }}"


def test_a_column_called_instruction(tmp_path: Path) -> None:
    """A column with the name of the text that is optimised gives the text another name."""
    rows = [{"instruction": f"Do {n}", "input": f"it {n}", "output": f"Done {n}"} for n in range(24)]
    task = task_for(tmp_path, rows)
    assert list(task["texts"]) == ["prompt"]
    assert task["messages"][0]["content"] == "{{ prompt }}"


def test_nested_columns(tmp_path: Path) -> None:
    """A file of one column of objects is looked into."""
    rows = [{"translation": {"en": f"Good day {n}", "de": f"Guten Tag {n}"}} for n in range(24)]
    task = task_for(tmp_path, rows)
    assert task["data"]["columns"]["answer"] == "translation.de"
    assert task["answer"] == {"type": "raw"}


def test_csv_with_a_mark_and_semicolons(tmp_path: Path) -> None:
    """Byte order marks, separators and line ends of spreadsheets are understood."""
    lines = ["Ä text;the label", *(f"{text};{'no' if n % 2 else 'yes'}" for n, text in enumerate(texts()))]
    (tmp_path / "rows.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    task = started(tmp_path / "rows.csv")
    assert task["data"]["columns"] == {"question": "Ä text", "answer": "the label"}


def test_parquet(tmp_path: Path) -> None:
    """A Parquet file is read as well."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"text": texts(), "label": ["no", "yes"] * 12})
    parquet.write_table(table, tmp_path / "rows.parquet")
    assert started(tmp_path / "rows.parquet")["answer"]["labels"] == ["no", "yes"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "has no rows"),
        ([{"text": "a"}, {"text": "b"}], "at least two columns"),
        (
            [{"answer": "x", "pixels": {"a": [{}]}}] * 3,
            "no column holds anything that a model could be shown",
        ),
        ([{"text": "the same", "answer": "x"}] * 9, "no configuration was found that fits"),
    ],
)
def test_files_that_make_no_task(tmp_path: Path, rows: Rows, message: str) -> None:
    """A file without rows, inputs or different questions is refused, and the reason is given."""
    with pytest.raises(ConfigError, match=message):
        task_for(tmp_path, rows)


_NAMES = ["a", "A", "B", "choices", "answer", "tags", 'q "x"', ""]
_CELLS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(st.characters(codec="utf-8"), max_size=6)
_NESTED = (
    _CELLS | st.lists(_CELLS, max_size=3) | st.dictionaries(st.sampled_from(["text", "label", "a"]), _CELLS)
)


@PROPERTY
@given(st.lists(st.dictionaries(st.sampled_from(_NAMES), _NESTED), min_size=1, max_size=12))
def test_any_rows_make_a_task_or_an_error(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    """Whatever rows hold, what is written loads, or one error says why nothing is."""
    folder = tmp_path_factory.mktemp("rows")
    try:
        task_for(folder, rows)
    except (ConfigError, TaskError) as error:
        message = str(error)
    else:
        return
    assert message


def test_every_row_is_quoted(tmp_path: Path) -> None:
    """Names and labels with quotes, line breaks and signs of TOML are written so that they are read again."""
    rows = [{'a "b" = [x]\\': text, "the\tlabel": ('q"\\', "é # x")[n % 2]} for n, text in enumerate(texts())]
    with (tmp_path / "r.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    task = started(tmp_path / "r.csv", "the\tlabel")
    assert task["answer"]["labels"] == ['q"\\', "é # x"]


@pytest.mark.parametrize(("grades", "kind"), [(["4.0", "2.0", "3.5"], "number"), (["4", "2", "3"], "label")])
def test_grades(tmp_path: Path, grades: list[str], kind: str) -> None:
    """Grades with decimals are compared by value, for a model writes 4 where the data have 4.0."""
    rows = [{"review": text, "stars": grades[n % 3]} for n, text in enumerate(texts())]
    assert task_for(tmp_path, rows)["answer"]["type"] == kind
