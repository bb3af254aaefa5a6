"""An example keeps the columns that the request and the metrics of its task name, as JSON values."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from task_making import ALL, PROPERTY, write_rows

from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.loading.json_values import json_value
from transfer_prompting.prompts.loading.task_loader import LoadedTask, load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings

Row = Mapping[str, Any]
RAG = ({"role": "system", "content": "{{ instruction }} Be {{ tone }}."},
       {"role": "user", "content": "{{ context }}\n{{ the question }}"})  # fmt: skip


def settings(**changed: Any) -> TaskSettings:
    """Return the settings of a task with messages and free answers."""
    written = {
        "description": "Answer.",
        "initial_prompts": ["Be helpful."],
        "messages": RAG,
        "answer": {"type": "text"},
        "data": {"all": "all.jsonl", "shares": (0, 0.5, 0.5)},
    }
    return TaskSettings.model_validate({**written, **changed})


def row(number: int, **fields: Any) -> dict[str, Any]:
    shown = {"context": f"Row {number} 🙂", "the question": f"Who is {number}?", "tone": "formal"}
    return {**shown, "answer": f"Ann {number}", **fields}


def loaded(folder: Path, rows: Sequence[Row], **changed: Any) -> LoadedTask:
    write_rows(folder / "all.jsonl", rows)
    return load_with_notes("toy", settings(**changed), folder, ALL, 1)


def columns(found: LoadedTask) -> list[dict[str, Any]]:
    return [example.columns for example in (*found.task.dev, *found.task.test)]


def test_used_columns_are_kept(tmp_path: Path) -> None:
    """Columns of the messages are kept, with blanks in their names; others are not kept but told."""
    found = loaded(tmp_path, [row(n, customer=n, meta={"seen": None}) for n in range(4)])
    assert all(set(one) == {"context", "the question", "tone"} for one in columns(found))
    assert {one["context"] for one in columns(found)} == {f"Row {n} 🙂" for n in range(4)}
    assert found.notes == ("task toy: the columns 'customer', 'meta' are not used.",)
    assert {example.question for example in found.task.dev} == {""}
    assert found.task.frame == "own"


def test_columns_of_metrics(tmp_path: Path) -> None:
    """The column that a metric names is kept besides, and a function of the user's may look at all."""
    rows = [row(n, gold2=["a", "b"], other={"x": [n, None, 1.5]}) for n in range(4)]
    found = loaded(tmp_path, rows, metric={"use": "token_f1", "gold": "gold2"})
    assert [one["gold2"] for one in columns(found)] == [["a", "b"]] * 4
    assert "other" not in columns(found)[0]
    found = loaded(tmp_path, rows, metric="metrics.py:mine")
    assert sorted(one["other"]["x"][0] for one in columns(found)) == [0, 1, 2, 3]
    assert found.notes == ()
    found = loaded(tmp_path, rows, metric={"use": "metrics.py:mine", "columns": ["other"]})
    assert set(columns(found)[0]) == {"context", "the question", "tone", "other"}


def test_columns_within_columns(tmp_path: Path) -> None:
    """A placeholder may name a part of a column, and only this part is kept."""
    messages = [{"role": "user", "content": "{{ instruction }} {{ meta.0.text }} {{ meta.id }} {{ a.b }}"}]
    rows = [row(n, meta=[{"text": "t", "id": n}], **{"a.b": "dotted"}) for n in range(4)]
    found = loaded(tmp_path, rows, messages=messages)
    assert sorted(str(one) for one in columns(found)) == [
        str({"meta.0.text": "t", "meta.id": [n], "a.b": "dotted"}) for n in range(4)
    ]


def test_prompts_with_placeholders(tmp_path: Path) -> None:
    """A prompt that places the columns itself is the whole request, and needs no question."""
    found = loaded(
        tmp_path, [row(n) for n in range(4)], messages=(), initial_prompts=["{{ tone }}: {{ context }}"]
    )
    assert all(set(one) == {"tone", "context"} for one in columns(found))
    assert found.task.frame == "own"


def test_mapped_fields_may_be_shown(tmp_path: Path) -> None:
    """A placeholder with the name of a mapped field stands for its column."""
    data = {"all": "all.jsonl", "shares": (0, 0.5, 0.5), "columns": {"question": "the question"}}
    messages = [{"role": "user", "content": "{{ instruction }} {{ question }}"}]
    found = loaded(tmp_path, [row(n) for n in range(4)], messages=messages, data=data)
    assert sorted(one["question"] for one in columns(found)) == [f"Who is {n}?" for n in range(4)]


@pytest.mark.parametrize(
    ("rows", "changed", "message"),
    [
        ([row(1), row(2)], {"messages": [*RAG, {"role": "user", "content": "{{ colour }}"}]},
         r"all\.jsonl:1: there is no column 'colour', which the template of message 3 \(user\) names; there "
         r"are context, the question, tone, answer"),
        ([row(1), row(2), {"answer": "x", "context": "c", "tone": "t"}], {},
         r"all\.jsonl:3: this row lacks the column 'the question', .* it has answer, context, tone\."),
        ([row(1), row(2, tone=None)], {},
         r"all\.jsonl:2: the column 'tone', which the template of message 1 \(system\) names, is null"),
        ([row(1), row(2)], {"messages": [*RAG, {"role": "user", "content": "{{ answer }}"}]},
         r"message 3 \(user\) shows \{\{ answer \}\}, the column of the right answer"),
        ([row(1, instruction="x"), row(2)], {},
         r"all\.jsonl:1: \{\{ instruction \}\} may stand for the column 'instruction' or for the text"),
        ([row(1, tone="\ud800"), row(2)], {}, r"all\.jsonl:1: the column 'tone' holds half of a surrogate"),
        ([row(1, tone="a\0b"), row(2)], {}, r"all\.jsonl:1: the column 'tone' holds a NUL character"),
        ([row(1, tone=[{"role": "pirate", "content": "Hi"}]), row(2)], {},
         r"all\.jsonl:1: the column 'tone' cannot"),
        ([row(1), row(2)], {"metric": {"use": "chrf", "gold": "gold"}},
         r"there is nothing in the column 'gold', which the metric chrf names, in any row"),
        ([row(1, gold="x"), row(2)], {"metric": {"use": "chrf", "gold": "gold"}},
         r"all\.jsonl:2: example .* there is nothing in column 'gold'"),
        ([row(1), row(2, **{"the question": None, "context": None})],
         {"data": {"all": "all.jsonl", "missing": "empty"}, "metric": {"use": "chrf", "gold": "gold"}},
         r"nothing in the column 'gold'"),
    ],
)  # fmt: skip
def test_faulty_columns(tmp_path: Path, rows: Sequence[Row], changed: dict[str, Any], message: str) -> None:
    """A missing or null column, and one that no log can hold, names its row, its place and the mend."""
    with pytest.raises(TaskError, match=message):
        loaded(tmp_path, rows, **changed)


def test_missing_may_be_empty(tmp_path: Path) -> None:
    """With data.missing = "empty", a column that a row lacks or that is null becomes an empty text."""
    rows = [row(1), row(2, tone=None), {"answer": "x", "the question": "Who?", "context": "c"}]
    data = {"all": "all.jsonl", "shares": (0, 0.5, 0.5), "missing": "empty"}
    assert sorted(one["tone"] for one in columns(loaded(tmp_path, rows, data=data))) == ["", "", "formal"]


def test_golds_that_no_metric_needs(tmp_path: Path) -> None:
    """Without a metric that compares, rows need no right answer; one that is there is kept."""
    rows = [{key: cell for key, cell in row(n).items() if key != "answer"} for n in range(4)]
    for metric in ("m.py:f", "judge", {"use": "length", "max": 9}, {"use": "contains", "values": ["x"]}):
        found = loaded(tmp_path, rows, metric=metric, answer={"type": "raw"})
        assert {example.answer for example in found.task.test} == {""}
    with pytest.raises(TaskError, match=r"no column 'answer' for the answer"):
        loaded(tmp_path, rows, metric="token_f1")
    found = loaded(tmp_path, [row(n) for n in range(4)], metric="m.py:f", answer={"type": "raw"})
    assert "" not in {example.answer for example in found.task.test}


def test_copies_are_found_by_what_the_model_sees(tmp_path: Path) -> None:
    """Rows are copies if all that the model sees of them is the same, whatever else they hold."""
    rows = [row(n, customer=n) for n in range(6)]
    found = loaded(tmp_path, [*rows, row(0, customer=99), row(1, tone="rude")])
    assert len(columns(found)) == 7
    assert "1 of 8 rows of the data are left out" in found.notes[0]


def test_long_contexts_do_not_make_copies(tmp_path: Path) -> None:
    """Rows with the same long context, the same answer and different questions are different."""
    context = " ".join(f"word{n}" for n in range(300))
    rows = [row(n, context=context, answer="y", **{"the question": f"Is {name} older than all others here?"})
            for n, name in enumerate(("Ann", "Bob", "Cy", "Di"))]  # fmt: skip
    assert len(columns(loaded(tmp_path, rows))) == 4


def test_a_column_that_tells_the_label(tmp_path: Path) -> None:
    """A shown column that names the right label in nearly all rows is told."""
    rows = [row(n, answer=("no", "yes")[n % 2], tone=f"It is {('no', 'yes')[n % 2]}.") for n in range(20)]
    found = loaded(tmp_path, rows, answer={"type": "label"})
    assert "the column 'tone', which the model sees, tells the right answer" in found.notes[0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 1, 2), "2024-02-29T01:02:00"),
        (Decimal("1.50"), 1.5),
        (Decimal("7"), 7),
        (2**80, str(2**80)),
        ({"a": (1, [None, {"b": True}])}, {"a": [1, [None, {"b": True}]]}),
        (" as it is ", " as it is "),
    ],
)
def test_json_values(cell: object, value: object) -> None:
    """Cells become JSON values: dates as text, numbers by value, texts unchanged."""
    assert json_value(cell, "a:1", "x") == value


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (b"\x89PNG", "binary data, which cannot be sent"),
        ({"a": [b"x"]}, "binary data"),
        (float("inf"), "which is no JSON value"),
        (object(), "a value of type object"),
    ],
)
def test_no_json_values(cell: object, message: str) -> None:
    """Bytes, infinite numbers and objects of programs are refused with their place."""
    with pytest.raises(TaskError, match=rf"^a:1: the column 'x' holds .*{message}"):
        json_value(cell, "a:1", "x")


def test_deep_values() -> None:
    """A cell that is nested too deeply for a log is refused."""
    cell: object = 1
    for _ in range(100):
        cell = [cell]
    with pytest.raises(TaskError, match="nested too deeply"):
        json_value(cell, "a:1", "x")


@PROPERTY
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner)))  # fmt: skip
def test_json_stays_json(value: object) -> None:
    """A JSON value within the limits stays what it is; nothing else is ever raised."""
    try:
        found = json_value(value, "a:1", "x")
    except TaskError:
        return
    if "-" not in str(value) and not any(len(part) > 18 for part in str(value).split()):
        assert found == value


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"initial_prompts": []}, r"give initial_prompts"),
        ({"texts": {"role": "x"}}, r"give initial_prompts"),
        ({"initial_prompts": [], "texts": {"a": "x", "b": "y"}, "messages": []}, r"texts need messages"),
        ({"initial_prompts": [], "texts": {"a": "x", "b": "y"}}, r"the text 'a', which is to be optimised"),
        ({"initial_prompts": [], "texts": {"a b": "x"}}, r"'a b' is no name of a text"),
        ({"messages": [], "initial_prompts": ["{{ tone }}", "Hi"]}, r"prompt 2 has no placeholder"),
        ({"frame": "answer+confidence", "answer": {"type": "raw"}}, r"an answer on a line of its own"),
        ({"answer": {"type": "text", "schema": {}}}, r"schema belongs to answers of type \"json\""),
        ({"answer": {"type": "text", "pattern": "("}}, r"not a regular expression"),
        ({"metrics": ["chrf"]}, r"name the main one as metric"),
        ({"metric": "chrf", "metrics": ["chrf"]}, r"two metrics are called 'chrf'"),
        ({"metric": "rogue_l"}, r"Did you mean rouge_l"),
        ({"metric": {"use": "chrf", "colour": 1}}, r"colour"),
        ({"data": {"all": "x", "columns": {"answer": {"a": "b"}}}}, r"needs answer\.type = \"json\""),
    ],
)  # fmt: skip
def test_settings_that_mean_nothing(changed: dict[str, Any], message: str) -> None:
    """Settings that cannot be followed are refused before the data are read."""
    with pytest.raises(ValidationError, match=message):
        settings(**changed)


def test_named_texts(tmp_path: Path) -> None:
    """The n-th initial prompt consists of the n-th alternative of each text, or of its last one."""
    messages = [{"role": "system", "content": "{{ role }}\n{{ rules }}"}, RAG[1]]
    texts = {"role": "You answer.", "rules": ["Be brief.", "Be kind.", "Be brief."]}
    found = loaded(tmp_path, [row(n) for n in range(4)], initial_prompts=[], texts=texts, messages=messages)
    assert found.task.texts == ("role", "rules")
    assert found.task.initial_prompts == (
        "[[role]]\nYou answer.\n\n[[rules]]\nBe brief.",
        "[[role]]\nYou answer.\n\n[[rules]]\nBe kind.",
    )


def test_settings_survive_a_log() -> None:
    """Settings that are written into a log and read again are the same."""
    written = settings(
        answer={"type": "json", "schema": {"type": "object"}},
        metric={"use": "json_fields", "extra": "ignore"},
        data={"all": "a.csv", "columns": {"answer": {"a": "b"}}, "group": "g", "weight": "w"},
    )
    assert TaskSettings.model_validate(written.model_dump(mode="json")) == written
