"""Data files as programs write them are read for what they mean, or refused with the line at fault."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.data_settings import FileSettings
from transfer_prompting.prompts.loading.rows import read_rows
from transfer_prompting.prompts.loading.task_loader import read_task_file


def read(folder: Path, name: str, raw: str | bytes, **settings: Any) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a file, each with its line or row in it."""
    (folder / name).write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    found = read_rows(name, folder, FileSettings(**settings))
    return [(where.removeprefix(str(folder / name)), row) for where, row in found]


EXPECTED = [(":2", {"text": "one", "label": "yes"}), (":3", {"text": "two", "label": "no"})]


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("a.csv", "text,label\none,yes\ntwo,no\n"),
        ("a.CSV", "text,label\none,yes\ntwo,no"),
        ("a.csv", "text;label\none;yes\ntwo;no\n"),
        ("a.csv", "text\tlabel\none\tyes\ntwo\tno\n"),
        ("a.csv", "text|label\none|yes\ntwo|no\n"),
        ("a.tsv", "text\tlabel\none\tyes\ntwo\tno\n"),
        ("a.TSV", "text\tlabel\none\tyes\ntwo\tno\n"),
        ("a.tsv", "text,label\none,yes\ntwo,no\n"),
        ("a.psv", "text|label\none|yes\ntwo|no\n"),
        ("a.csv", "text,label\r\none,yes\r\ntwo,no\r\n"),
        ("a.csv", "text,label\rone,yes\rtwo,no\r"),
        ("a.csv", b"\xef\xbb\xbftext,label\none,yes\ntwo,no\n"),
        ("a.csv", "text,label\none,yes\ntwo,no\n".encode("utf-16")),
        ("a.csv", b"\xfe\xff" + "text,label\none,yes\ntwo,no\n".encode("utf-16-be")),
        ("a.csv", "text,label\none,yes\ntwo,no\n".encode("utf-32")),
        ("a.csv", " text , label \none,yes\ntwo,no\n"),
        ("a.csv", 'text, label\n"one", "yes"\n"two", "no"\n'),
        ("a.csv", "text,label,,\none,yes,,\ntwo,no,,\n"),
        ("a.csv", "text,label\none,yes,\ntwo,no,,\n"),
        ("a.csv", "text,label\none,yes\ntwo,no\n\n , \n,\n"),
    ],
)
def test_csv_dialects(tmp_path: Path, name: str, raw: str | bytes) -> None:
    """Separators, line ends, byte order marks, blanks and empty columns of many programs are understood."""
    assert read(tmp_path, name, raw) == EXPECTED


def test_separator_of_a_spreadsheet(tmp_path: Path) -> None:
    """A first line such as sep=; names the separator, and lines are still counted from it."""
    found = read(tmp_path, "a.csv", "sep=;\ntext;label\none,1;yes\n")
    assert found == [(":3", {"text": "one,1", "label": "yes"})]


def test_commas_in_semicolon_files(tmp_path: Path) -> None:
    """The separator is the one that cuts all rows alike, not the most frequent one."""
    found = read(tmp_path, "a.csv", "text;label\na, b, c;yes\nd, e;no\n")
    assert [row["text"] for _, row in found] == ["a, b, c", "d, e"]
    found = read(tmp_path, "a.csv", "text,label;kind\na,b;c\nd,e,f;g\n", separator=";")
    assert found[1][1] == {"text,label": "d,e,f", "kind": "g"}


def test_long_fields(tmp_path: Path) -> None:
    """A field may be longer than 128 KiB."""
    assert read(tmp_path, "a.csv", f"x,y\n{'z' * 300_000},1\n")[0][1]["x"] == "z" * 300_000


def test_place_of_a_row_with_line_breaks(tmp_path: Path) -> None:
    """A row is named after the line on which it begins."""
    assert [where for where, _ in read(tmp_path, "a.csv", 'x,y\n"a\nb\nc",1\nd,2\n')] == [":2", ":5"]


def test_quotes_as_signs(tmp_path: Path) -> None:
    """Without quotes as a setting, a quote is an ordinary character."""
    found = read(tmp_path, "a.tsv", 'x\ty\n"a\tb\nc "d" e\tf\n', quotes=False)
    assert [row["x"] for _, row in found] == ['"a', 'c "d" e']


def test_text_with_line_breaks_and_commas(tmp_path: Path) -> None:
    """A quoted text with line breaks and commas is a text, if its pieces are no cells of other rows."""
    text = "Dear team, hello\nI am late, sorry\nBest, Ann"
    found = read(tmp_path, "a.csv", f'text,label\n"{text}",late\nshort,early\n')
    assert found[0][1] == {"text": text, "label": "late"}


ROWS = "".join(f"row {n},{('no', 'yes')[n % 2]}\n" for n in range(10))


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (("row 3",), ('"row 3',), 5),
        (("row 3", "row 6"), ('"row 3', '"row 6'), 5),
        (("row 3", "row 6"), ('"row 3', 'row 6"'), 5),
        (("row 3", "row 4"), ('"row 3', 'row 4"'), 5),
        (("3,yes", "6,no"), ('3,"yes', '6,"no'), 5),
        (("row 9",), ('"row 9',), 11),
        (("row 3",), ('"row 3" b',), 5),
    ],
)
def test_stray_quotes(tmp_path: Path, old: tuple[str, ...], new: tuple[str, ...], line: int) -> None:
    """A stray quote that would swallow rows is refused, naming the line on which the row begins."""
    raw = f"text,label\n{ROWS}"
    for one, other in zip(old, new, strict=True):
        raw = raw.replace(one, other)
    with pytest.raises(TaskError, match=rf"a\.csv:{line}: .*quote.*data\.quotes = false"):
        read(tmp_path, "a.csv", raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("text,label,text\na,b,c\n", r":1: two columns are called 'text' \(columns 1 and 3\)"),
        ("text,label\na,b\nc\n", r":3: the number of fields differs from the heading's: 1 instead of 2"),
        ("text,label\na,b\nc,d,e\n", r":3: the number of fields differs from the heading's: 3 instead of 2"),
        ("a,b;c\nd,e;f\n", r":1: the fields may be separated by ',' or ';'. Say which: data\.separator"),
        ("text,label\na,b\x00c\n", r":2: the line holds a NUL character"),
        ("text,label\na,b\n".encode("utf-16-le"), r":1: every other byte is NUL.*utf-16-le"),
        (b"text,label\na,b\nc,caf\xe9\n", r":3: not UTF-8 text \(byte 0xe9\).*Windows-1252.*data\.encoding"),
        (b"text,label\rb,a\rcaf\xe9,x\r", r":3: not UTF-8 text"),
        (b"text,label\na,\xed\xa0\x80\n", r":2: not UTF-8 text.*half of a surrogate pair"),
        (b"\xff\xfet\x00e", r":1: not utf-16 text"),
    ],
)
def test_faulty_csv(tmp_path: Path, raw: str | bytes, message: str) -> None:
    """A faulty file is refused, naming the line and the remedy."""
    with pytest.raises(TaskError, match=rf"a\.csv{message}"):
        read(tmp_path, "a.csv", raw)


def test_declared_encoding(tmp_path: Path) -> None:
    """A declared encoding is used; a wrong one is refused with the line."""
    raw = "text,label\ncafé,x\n".encode("cp1252")
    assert read(tmp_path, "a.csv", raw, encoding="cp1252")[0][1]["text"] == "café"
    with pytest.raises(TaskError, match=r"a\.csv:2: not ascii text .*data\.encoding"):
        read(tmp_path, "a.csv", raw, encoding="ascii")


@pytest.mark.parametrize(
    "settings",
    [
        {"encoding": "klingon"},
        {"encoding": "hex"},
        {"separator": ";;"},
        {"separator": "x"},
        {"separator": '"'},
    ],
)
def test_unusable_file_settings(settings: dict[str, str]) -> None:
    """An encoding that does not exist and a separator that cannot separate are refused."""
    with pytest.raises(ValidationError):
        FileSettings.model_validate(settings)


@pytest.mark.parametrize(
    ("name", "raw", "places"),
    [
        ("a.jsonl", '{"x": 1}\n\n{"x": 1}', (":1", ":3")),
        ("a.JSONL", '\ufeff{"x": 1}\r\n{"x": 1}\r\n', (":1", ":2")),
        ("a.jsonl", '{"x": 1}\r{"x": 1}\r', (":1", ":2")),
        ("a.ndjson", '{"x": 1}\n{"x": 1}\n', (":1", ":2")),
        ("a.json", '[\n  {"x": 1},\n  {\n    "x": 1\n  }\n]\n', (":2", ":3")),
        ("a.jsonl", '[{"x": 1}, {"x": 1}]', (":1", ":1")),
    ],
)
def test_json_layouts(tmp_path: Path, name: str, raw: str, places: tuple[str, ...]) -> None:
    """Blank lines, other line ends, byte order marks and a whole array are understood."""
    assert read(tmp_path, name, raw) == [(place, {"x": 1}) for place in places]


def test_separators_within_strings(tmp_path: Path) -> None:
    """A line separator of Unicode within a string ends no row."""
    assert read(tmp_path, "a.jsonl", '{"x": "a\u2028b\u0085c"}\n')[0][1] == {"x": "a\u2028b\u0085c"}


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ('{"x": 1},\n{"x": 2},\n', r":1: not JSON .*Remove the comma at the end of the line"),
        ('{"x": 1,}\n', r":1: not JSON"),
        ('{\n  "x": 1\n}\n', r":1: not JSON .*one line, or all rows as one array"),
        ('{"x": 1}\n{"x": 1, "x": 2}\n', r":2: .*the key 'x' occurs twice"),
        ('{"x": 1}\n{"x": ' + "[" * 100_000 + "]" * 100_000 + "}\n", r":2: .*nested too deeply"),
        ('{"x": ' + "9" * 100_000 + "}\n", r":1: .*an integer of 100000 digits is too long"),
        ('[{"x": 1},\n{"x": 2},\n]', r":3: not JSON"),
        ('[{"x": 1}\n{"x": 2}]', r":2: not JSON \(a comma or \] is missing"),
        ('[{"x": 1}]\n{"x": 2}', r":1: not JSON \(there is text after the array"),
        ('[\n{"x": 1},\n2]', r":3: each line must be an object"),
        ("[" * 100_000, r":1: .*nested too deeply"),
        ('[{"x": 1}', r":1: not JSON"),
        ('[{"x": 1, "x": 2}]', r":1: .*the key 'x' occurs twice"),
    ],
)
def test_faulty_json(tmp_path: Path, raw: str, message: str) -> None:
    """Faulty JSON is refused, naming the line and the reason; nothing ends in a traceback."""
    with pytest.raises(TaskError, match=rf"a\.jsonl{message}"):
        read(tmp_path, "a.jsonl", raw)


TASK = """
description = "Decide."
initial_prompts = ["Answer."]
answer = { type = "label" }
data = { all = "all.csv" }
"""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_task_file_with_a_mark(tmp_path: Path, encoding: str) -> None:
    """A byte order mark before a task.toml, as some editors write it, is no part of it."""
    (tmp_path / "task.toml").write_text(TASK, encoding=encoding)
    assert read_task_file(tmp_path).data.all == "all.csv"
