"""`tp init --data FILE` finds the rows of files that are no table of named columns in UTF-8."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.starting.data_configuration import from_data
from transfer_prompting.orchestration.starting.source import read_source
from transfer_prompting.orchestration.starting.started import Started
from transfer_prompting.prompts.errors import TaskError

COUNT = 30
QUESTIONS = [f"Où est le colis n° {n} ? “Encore” en retard…" for n in range(COUNT)]
MOODS = [("calm", "angry")[n % 2] for n in range(COUNT)]
PAIRS = list(zip(QUESTIONS, MOODS, strict=True))
SYSTEM = "Say what mood the writer is in."
ROWS = "run.rows.jsonl"


def init(file: Path, answer: str | None = None) -> Started:
    """Write a configuration for a file, with what it needs beside it."""
    found = from_data(file, answer, file.parent / "run.toml")
    for name, text in found.files:
        (file.parent / name).write_text(text, encoding="utf-8")
    return found


def task_of(found: Started) -> dict[str, Any]:
    [task] = tomllib.loads(found.text)["tasks"].values()
    return dict(task)


def write_lines(file: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def rows_beside(found: Started) -> list[dict[str, Any]]:
    [(name, text)] = found.files
    assert name == ROWS
    return [json.loads(line) for line in text.splitlines()]


def chat(question: str, mood: str, *before: Mapping[str, str]) -> dict[str, Any]:
    turns = [*before, {"role": "user", "content": question}, {"role": "assistant", "content": mood}]
    return {"messages": turns}


def test_conversations_with_one_question(tmp_path: Path) -> None:
    """The system's message is the user's own prompt, and the assistant's words are the right answer."""
    system = {"role": "system", "content": SYSTEM}
    found = init(write_lines(tmp_path / "chat.jsonl", [chat(*pair, system) for pair in PAIRS]))
    task = task_of(found)
    assert task["initial_prompts"] == [SYSTEM]
    assert task["description"] == SYSTEM
    assert task["answer"] == {"type": "label", "labels": ["angry", "calm"]}
    assert task["data"] == {"all": ROWS, "columns": {"question": "question", "answer": "answer"}}
    assert [(row["question"], row["answer"]) for row in rows_beside(found)] == PAIRS
    assert "last words of the assistant in 'messages'. The rows were written to run.rows" in found.remarks[0]


def test_conversations_of_other_programs(tmp_path: Path) -> None:
    """Turns may hold "from" and "value", and other names of the speakers."""
    rows = [
        {"conversations": [{"from": "human", "value": question}, {"from": "gpt", "value": mood}]}
        for question, mood in PAIRS
    ]
    found = init(write_lines(tmp_path / "chat.jsonl", rows))
    assert [(row["question"], row["answer"]) for row in rows_beside(found)] == PAIRS


def test_longer_conversations(tmp_path: Path) -> None:
    """If some have several turns, all are shown as histories; one without an answer is left out and told."""
    hello = ({"role": "user", "content": "Hello."}, {"role": "assistant", "content": "Hello. What is it?"})
    rows = [chat(*pair, *(hello if n % 3 else ())) for n, pair in enumerate(PAIRS)]
    rows[4]["messages"].pop()
    found = init(write_lines(tmp_path / "chat.jsonl", rows))
    written = rows_beside(found)
    assert len(written) == COUNT - 1
    assert [len(row["history"]) for row in written[:3]] == [1, 3, 3]
    assert "1 of 30 conversations do not end with any" in found.remarks[0]
    assert task_of(found)["messages"][1] == {"role": "user", "content": "{{ history }}"}


def test_different_system_messages_stay_in_the_history(tmp_path: Path) -> None:
    """A system message that differs from row to row is part of what the model sees, not the prompt."""
    rows = [chat(*pair, {"role": "system", "content": f"Client {n}."}) for n, pair in enumerate(PAIRS)]
    found = init(write_lines(tmp_path / "chat.jsonl", rows))
    assert rows_beside(found)[3]["history"][0] == {"role": "system", "content": "Client 3."}
    assert "Client" not in str(task_of(found).get("initial_prompts"))


def test_conversations_with_a_label(tmp_path: Path) -> None:
    """A conversation beside a column of answers is an input, and nothing is written anew."""
    rows = [chat(question, "I shall see.") | {"mood": mood} for question, mood in PAIRS]
    found = init(write_lines(tmp_path / "chat.jsonl", rows))
    assert found.files == ()
    assert task_of(found)["data"]["columns"] == {"answer": "mood"}


def test_conversations_without_answers(tmp_path: Path) -> None:
    """The error says what is missing in them."""
    rows = [{"messages": [{"role": "user", "content": question}]} for question, _ in PAIRS]
    with pytest.raises(ConfigError, match=r"'messages' holds conversations.*words of the assistant"):
        init(write_lines(tmp_path / "chat.jsonl", rows))


TABLE = [{"text": question, "mood": mood} for question, mood in PAIRS]


@pytest.mark.parametrize(
    ("value", "remark"),
    [
        ({"version": "1.1", "few": [{"a": 1}, {"a": 2}], "data": TABLE}, "The rows are those of 'data'."),
        ({"text": QUESTIONS, "mood": MOODS}, "The file holds a list for each column."),
        (
            {name: {str(n): row[name] for n, row in enumerate(TABLE)} for name in ("text", "mood")},
            "The file holds an object for each column.",
        ),
        ({f"t{n}": row for n, row in enumerate(TABLE)}, "The file holds an object of rows."),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_one_object_around_all_rows(tmp_path: Path, value: object, remark: str, indent: int | None) -> None:
    """The rows within a JSON object are found, however they are arranged, and whatever the line ends."""
    file = tmp_path / "all.json"
    file.write_text(json.dumps(value, indent=indent), encoding="utf-8")
    found = init(file)
    assert [{"text": row["text"], "mood": row["mood"]} for row in rows_beside(found)] == TABLE
    assert found.remarks[0] == f"{remark} The rows were written to {ROWS}."
    assert task_of(found)["data"]["columns"] == {"question": "text", "answer": "mood"}


@pytest.mark.parametrize(
    "value",
    [{"name": "x"}, {"a": [1], "b": [2, 3]}, {"a": {}, "b": {"c": 1}}, {"a": {"x": 1}, "b": {"y": 1}}],
)
def test_an_object_without_rows(tmp_path: Path, value: object) -> None:
    """An object in which no rows are found is refused as before."""
    file = tmp_path / "all.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises((ConfigError, TaskError), match=r"column|examples|rows"):
        init(file)


def test_no_names_of_columns(tmp_path: Path) -> None:
    """A first line of CSV that holds data is a row like the others, and the columns get names."""
    file = tmp_path / "plain.tsv"
    lines = (f"{n}\t{question}\t{mood}\n" for n, (question, mood) in enumerate(PAIRS))
    file.write_text("".join(lines), encoding="utf-8")
    found = init(file)
    assert [(row["text"], row["label"]) for row in rows_beside(found)] == PAIRS
    assert found.remarks[0].startswith("The first line holds data rather than names of columns.")


def test_a_prompt_in_every_row(tmp_path: Path) -> None:
    """An instruction that is the same in all rows is the prompt to begin with; a template is not."""
    rows = [{"instruction": SYSTEM, "input": question, "output": mood} for question, mood in PAIRS]
    found = init(write_lines(tmp_path / "rows.jsonl", rows))
    assert task_of(found)["initial_prompts"] == [SYSTEM]
    assert "The prompt to begin with is 'instruction', which is the same in every row." in found.remarks
    assert found.files == ()
    template = [{**row, "instruction": "Say the mood of {{ input }}"} for row in rows]
    assert task_of(init(write_lines(tmp_path / "rows.jsonl", template)))["initial_prompts"] != [
        template[0]["instruction"]
    ]


def test_western_encodings(tmp_path: Path) -> None:
    """A file that is no UTF-8 is read as Windows-1252, which the configuration names and a remark tells."""
    file = tmp_path / "mails.csv"
    text = "Frage;Art\n" + "".join(f"{question};{mood}\n" for question, mood in PAIRS)
    file.write_bytes(text.encode("cp1252"))
    found = init(file)
    assert task_of(found)["data"]["encoding"] == "cp1252"
    assert found.remarks[0].startswith("mails.csv is no UTF-8, and is read as Windows-1252")
    file.write_bytes(text.encode("utf-16"))
    assert "encoding" not in task_of(init(file))["data"]


@pytest.mark.parametrize("raw", [b"a,b\n\x81\x8d\x00,1\n", b"a,b\n\xed\xa0\x80,1\n"])
def test_what_is_no_text(tmp_path: Path, raw: bytes) -> None:
    """Bytes that are no text in any usual encoding are refused with their line."""
    file = tmp_path / "bytes.csv"
    file.write_bytes(raw)
    with pytest.raises(TaskError, match=r"bytes\.csv:2"):
        init(file)


def test_identifiers_in_camel_case(tmp_path: Path) -> None:
    """A column such as pairID tells rows apart, and is not shown to the model."""
    rows = [{"pairID": f"p{n}", "text": question, "label": mood} for n, (question, mood) in enumerate(PAIRS)]
    assert task_of(init(write_lines(tmp_path / "rows.jsonl", rows)))["data"]["columns"] == {
        "question": "text",
        "answer": "label",
    }


def with_splits(*names: str) -> list[dict[str, str]]:
    """Return rows that a column divides into splits with these names."""
    return [{**row, "split": names[n % len(names)]} for n, row in enumerate(TABLE)]


def test_a_column_that_tells_the_splits(tmp_path: Path) -> None:
    """Rows are written to a file for each split, and the column is not shown to the model."""
    found = init(write_lines(tmp_path / "rows.jsonl", with_splits("train", "Validation", "TEST")))
    data = task_of(found)["data"]
    columns = {"question": "text", "answer": "mood"}
    files = {split: f"run.{split}.jsonl" for split in ("train", "dev", "test")}
    assert data == {**files, "columns": columns}
    assert [json.loads(line) for line in found.files[1][1].splitlines()] == TABLE[1::3]
    assert "The column 'split' divides the rows." in found.remarks[0]


def test_a_column_without_a_test_split(tmp_path: Path) -> None:
    """Where no split is for the verdict, all rows are divided anew, without the column."""
    found = init(write_lines(tmp_path / "rows.jsonl", with_splits("train", "val")))
    assert task_of(found)["data"]["all"] == ROWS
    assert rows_beside(found) == TABLE
    assert "The column 'split' names no test split, and is left out." in found.remarks[0]


def test_a_folder_of_splits(tmp_path: Path) -> None:
    """The names of the files of a folder tell the splits; the files stay where they are."""
    folder = tmp_path / "tickets"
    folder.mkdir()
    write_lines(folder / "tickets_test.jsonl", TABLE[:10])
    write_lines(folder / "tickets_train.jsonl", TABLE[10:])
    (folder / "README.md").write_text("About tickets.", encoding="utf-8")
    found = from_data(folder, None, tmp_path / "run.toml")
    data = task_of(found)["data"]
    assert found.files == ()
    assert (data["train"], data["test"]) == ("tickets/tickets_train.jsonl", "tickets/tickets_test.jsonl")
    assert "The names of the files tell the splits." in found.remarks


def test_a_folder_of_conversations(tmp_path: Path) -> None:
    """Files that are no tables are rearranged one by one."""
    folder = tmp_path / "chats"
    folder.mkdir()
    write_lines(folder / "train.jsonl", [chat(*pair) for pair in PAIRS[10:]])
    write_lines(folder / "test.jsonl", [chat(*pair) for pair in PAIRS[:10]])
    found = from_data(folder, None, tmp_path / "run.toml")
    assert [name for name, _ in found.files] == ["run.train.jsonl", "run.test.jsonl"]
    assert len(found.files[1][1].splitlines()) == 10


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["train.csv", "more-train.csv", "test.csv"], "more-train.csv and train.csv are both called train"),
        (["a.csv", "b.csv"], "has a.csv, b.csv. Name one file of rows"),
        (["train.csv", "dev.csv"], "has dev.csv, train.csv. Name one file of rows"),
        ([], "has no file of rows"),
    ],
)
def test_folders_that_tell_no_splits(tmp_path: Path, names: list[str], said: str) -> None:
    """A folder whose files do not tell a test split and another one is refused with the mend."""
    for name in names:
        (tmp_path / name).write_text("text,mood\nHello,calm\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        from_data(tmp_path, None, tmp_path / "run.toml")


def test_a_folder_with_one_file(tmp_path: Path) -> None:
    """The only file of a folder is taken whole."""
    folder = tmp_path / "one"
    folder.mkdir()
    write_lines(folder / "rows.jsonl", TABLE)
    found = from_data(folder, None, tmp_path / "run.toml")
    assert task_of(found)["data"]["all"] == "one/rows.jsonl"


def test_columns_within_columns(tmp_path: Path) -> None:
    """Where every column holds an object, its parts are the columns, and their own names count."""
    rows = [{"id": n, "doc": {"body": text}, "meta": {"label": mood}} for n, (text, mood) in enumerate(PAIRS)]
    found = init(write_lines(tmp_path / "rows.jsonl", rows))
    assert task_of(found)["data"]["columns"] == {"question": "doc.body", "answer": "meta.label"}


def test_few_rows(tmp_path: Path) -> None:
    """A remark tells that few rows show little."""
    remark = "30 rows show only large differences between prompts. Add rows like them."
    assert remark in init(write_lines(tmp_path / "rows.jsonl", TABLE)).remarks


def test_a_later_row_may_be_of_another_kind(tmp_path: Path) -> None:
    """Rows of which a later one is no conversation are taken as the table that they are."""
    file = write_lines(tmp_path / "rows.jsonl", [*(chat(*pair) for pair in PAIRS), {"messages": "none"}])
    assert read_source(file, tmp_path / "run.toml", 10).beside == ()


def test_files_in_two_encodings(tmp_path: Path) -> None:
    """Files of which only one is UTF-8 are written anew, since a task has one encoding for all."""
    folder = tmp_path / "mails"
    folder.mkdir()
    text = "Frage;Art\n" + "".join(f"{question};{mood}\n" for question, mood in PAIRS)
    (folder / "train.csv").write_bytes(text.encode("cp1252"))
    (folder / "test.csv").write_bytes(text.replace("Encore", "Aussi").encode())
    found = from_data(folder, None, tmp_path / "run.toml")
    assert [name for name, _ in found.files] == ["run.train.jsonl", "run.test.jsonl"]
    assert [json.loads(line)["Frage"] for line in found.files[0][1].splitlines()] == QUESTIONS
