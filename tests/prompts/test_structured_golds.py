"""Right answers that are lists or JSON values, in whatever form the data hold them."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from task_making import ALL, PROPERTY, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings

LABELS = ["billing", "bug", "refund", "Wi-Fi, slow"]


def answers(folder: Path, source: str = "all.jsonl", data: Any = None, **answer: Any) -> list[str]:
    """Load a file and return the right answers in the order of its rows."""
    settings = TaskSettings.model_validate(
        {
            "description": "Tag.",
            "initial_prompts": ["Tag: {{ text }}"],
            "answer": {"type": "list"} | answer,
            "data": {"all": source, "shares": (0, 0.5, 0.5), "columns": {"id": "id"}} | (data or {}),
        }
    )
    task = load_with_notes("toy", settings, folder, ALL, 1).task
    found = sorted((*task.dev, *task.test), key=lambda example: int(example.id))
    return [example.answer for example in found]


def written(folder: Path, golds: Sequence[object]) -> None:
    write_rows(
        folder / "all.jsonl", [{"id": n, "text": f"Row {n}", "answer": gold} for n, gold in enumerate(golds)]
    )


def written_csv(folder: Path, text: str) -> None:
    (folder / "all.csv").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())


@pytest.mark.parametrize(
    ("golds", "labels", "canonical"),
    [
        ([["bug", "billing"], [], ["bug", "bug"]], LABELS, ['["billing","bug"]', "[]", '["bug"]']),
        ([["BUG "], ["wi-fi, slow"]], LABELS, ['["bug"]', '["Wi-Fi, slow"]']),
        (["billing;bug", "refund", ""], (), ['["billing","bug"]', '["refund"]', "[]"]),
        (["billing | bug", "refund"], (), ['["billing","bug"]', '["refund"]']),
        (["billing, bug", "refund"], LABELS, ['["billing","bug"]', '["refund"]']),
        (["bug;Wi-Fi, slow", "Wi-Fi, slow", "bug"], LABELS,
         ['["Wi-Fi, slow","bug"]', '["Wi-Fi, slow"]', '["bug"]']),
        (['["a", "b, c"]', "[]"], (), ['["a","b, c"]', "[]"]),
        (["['a', 'b']", "['it\\'s']"], (), ['["a","b"]', '["it\'s"]']),
        (["one item", "another"], (), ['["one item"]', '["another"]']),
        ([["日本", "é"], [3, 2.5]], (), ['["é","日本"]', '["2.5","3"]']),
    ],
)  # fmt: skip
def test_lists(tmp_path: Path, golds: list[object], labels: Sequence[str], canonical: list[str]) -> None:
    """A list, a list written as text, and items between separators are the same: a sorted JSON array."""
    written(tmp_path, golds)
    assert answers(tmp_path, labels=labels) == canonical


def test_declared_separator(tmp_path: Path) -> None:
    """A declared separator holds, whatever else stands in the cells."""
    written(tmp_path, ["a;b/c,d", "e"])
    assert answers(tmp_path, data={"split": "/"}) == ['["a;b","c,d"]', '["e"]']


def test_indices(tmp_path: Path) -> None:
    """Class numbers are items of the labels, counted from 0 or from 1."""
    written(tmp_path, [[0, 2], [1], []])
    assert answers(tmp_path, labels=LABELS, gold="index") == ['["billing","refund"]', '["bug"]', "[]"]
    written(tmp_path, ["1;3", "2"])
    assert answers(tmp_path, labels=LABELS, gold="index1") == ['["billing","refund"]', '["bug"]']


@pytest.mark.parametrize(
    ("golds", "answer", "message"),
    [
        ([["bug"], ["bugs"]], {"labels": LABELS}, r"all\.jsonl:2: the answer 'bugs' is not one of billing"),
        ([["bug"], None], {}, r"all\.jsonl:2: the column 'answer' \(answer\) is null"),
        ([["bug"], [["x"]]], {}, r"all\.jsonl:2: the column 'answer' holds a list of 1"),
        (["a;b,c", "d"], {}, r"all\.jsonl:1: the items of the answer 'a;b,c' may be separated by ';' or ','"),
        ([[0], [4]], {"labels": LABELS, "gold": "index"}, r"all\.jsonl:2: the answer '4' is not one of 0, 1"),
    ],
)  # fmt: skip
def test_faulty_lists(tmp_path: Path, golds: list[object], answer: dict[str, Any], message: str) -> None:
    """An item that is no label, an empty cell, and a column with two separators are errors with places."""
    written(tmp_path, golds)
    with pytest.raises(TaskError, match=message):
        answers(tmp_path, **answer)


@PROPERTY
@given(
    st.lists(st.text(max_size=40) | st.sampled_from(["[[", "['a'", "{}", "[1e999]", "[" * 5000]), min_size=2)
)
def test_any_text_is_a_list_or_an_error(tmp_path_factory: pytest.TempPathFactory, cells: list[str]) -> None:
    """Whatever the cells hold, they are read, or refused as faulty data."""
    folder = tmp_path_factory.mktemp("lists")
    written(folder, [cell.encode("utf-8", "replace").decode() for cell in cells])
    found: list[str] = []
    with suppress(TaskError):
        found = answers(folder)
    assert all(json.loads(gold) == sorted(set(json.loads(gold))) for gold in found)


SCHEMA = {"type": "object", "properties": {"zip": {"type": "string"}, "paid": {"type": "number"}}}


def test_json_values(tmp_path: Path) -> None:
    """An object cell and JSON text are the same: compact JSON with the keys in their order."""
    written(tmp_path, [{"b": 1, "a": [None, "é"]}, '{ "b" : 1.0 }', "[]", 7, True])
    found = answers(tmp_path, type="json")
    assert found == ['{"b":1,"a":[null,"é"]}', '{"b":1.0}', "[]", "7", "true"]


def test_json_of_columns(tmp_path: Path) -> None:
    """Several columns make up an object; numbers and truth values in CSV become values, column by column."""
    text = "id,text,full name,zip,paid,late\n0,a,Ann,01234,5,true\n1,b,,99999,2.50,false\n"
    written_csv(tmp_path, text)
    columns = {"answer": {"name": "full name", "zip": "zip", "paid": "paid", "late": "late"}, "id": "id"}
    data = {"columns": columns}
    assert answers(tmp_path, "all.csv", data, type="json") == [
        '{"name":"Ann","zip":"01234","paid":5,"late":true}',
        '{"name":null,"zip":"99999","paid":2.5,"late":false}',
    ]


def test_a_schema_calls_text_text(tmp_path: Path) -> None:
    """A column that the schema calls text stays text, though all its cells are numbers."""
    written_csv(tmp_path, "id,text,zip,paid\n0,a,12345,5\n1,b,99999,6\n")
    columns = {"answer": {"zip": "zip", "paid": "paid"}, "id": "id"}
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    for schema in (SCHEMA, "schema.json"):
        found = answers(tmp_path, "all.csv", {"columns": columns}, type="json", schema=schema)
        assert found == ['{"zip":"12345","paid":5}', '{"zip":"99999","paid":6}']


@pytest.mark.parametrize(
    ("golds", "schema", "message"),
    [
        (["{}", "Ann"], None, r"all\.jsonl:2: the answer 'Ann' is not JSON"),
        ([{}, {"zip": 5}], SCHEMA, r"all\.jsonl:2: the answer '\{\"zip\":5\}' does not fit the schema"),
        ([{}, {}], {"type": "objekt"}, r"toy: answer: .*objekt"),
        ([{}, {}], "no.json", r"no\.json: cannot be read"),
        ([{}, {}], "all.jsonl", r"all\.jsonl: not JSON"),
        ([{}, None], None, r"all\.jsonl:2: the column 'answer' \(answer\) is null"),
    ],
)  # fmt: skip
def test_faulty_json(tmp_path: Path, golds: list[object], schema: object, message: str) -> None:
    """Text that is no JSON, a value outside the schema, and a faulty schema are errors with places."""
    written(tmp_path, golds)
    with pytest.raises(TaskError, match=message):
        answers(tmp_path, type="json", schema=schema)


def test_several_golds_in_a_cell(tmp_path: Path) -> None:
    """For other types of answers a declared separator gives several right answers."""
    written(tmp_path, ["Ann|Ann Lee", "Bob"])
    assert answers(tmp_path, type="text", data={"split": "|"}) == ["Ann", "Bob"]
