"""Metric "json_fields": each field of a JSON value is compared by its own kind."""

import json
from datetime import date
from typing import Any

import pytest
from metric_making import graded, value

from transfer_prompting.prompts.errors import MetricError
from transfer_prompting.prompts.metrics.dates import date_in
from transfer_prompting.prompts.metrics.grade import Grade


def compare(gold: Any, got: Any, **options: Any) -> Grade:
    return graded("json_fields", json.dumps(gold), json.dumps(got), kind="json", **options)


@pytest.mark.parametrize(
    ("gold", "got", "expected"),
    [
        ("New York", "new york.", 1),
        (3, 3.0, 1),
        (3, "3", 1),
        (1200, "$1,200", 1),
        (3, 4, 0),
        (True, True, 1),
        (True, 1, 0),
        (True, "true", 0),
        (None, None, 1),
        (None, "x", 0),
        ("x", None, 0),
        (["a", "b"], ["B", "a"], 1),
        (["a", "b"], ["a"], 2 / 3),
        (["a"], "a", 1),
        ([{"n": 1, "m": 2}], [{"m": 2, "n": 1}], 1),
        ("5", 5, 1),
    ],
)
def test_fields_are_compared_by_type(gold: Any, got: Any, expected: float) -> None:
    """Without a rule, the type of the right value decides how a field is compared."""
    assert compare({"f": gold}, {"f": got}).value == pytest.approx(expected)


@pytest.mark.parametrize(
    ("rule", "gold", "got", "expected"),
    [
        ("exact", "New York", "new york", 0),
        ("exact", {"a": [1, True]}, {"a": [1.0, True]}, 1),
        ("exact", {"a": [1, True]}, {"a": [1, 1]}, 0),
        ({"by": "number", "tolerance": 0.5}, 10, 10.4, 1),
        ({"by": "number", "relative": 0.1}, 100, 111, 0),
        ("token_f1", "the red house", "red house big", 0.8),
        ("date", "2024-05-03", "3 May 2024", 1),
        ("date", "2024-05-03", "2024-05-04T10:00", 0),
        ({"by": "date", "tolerance": 1}, "2024-05-03", "2024-05-04T10:00", 1),
        ("date", "soon", "Soon", 1),
        ("list", ["a", "b"], ["a", "b", "c"], 0.8),
        ("number", "about 5", "5", 1),
    ],
)
def test_rules(rule: Any, gold: Any, got: Any, expected: float) -> None:
    """A rule says how a field is compared, with a tolerance."""
    assert compare({"f": gold}, {"f": got}, fields={"f": rule}).value == pytest.approx(expected)


def test_nested_fields_have_paths() -> None:
    """Fields inside fields are compared one by one, under their paths."""
    gold = {"who": {"name": "Ada", "address": {"city": "Turku", "zip": None}}, "n": 1}
    made = compare(gold, {"who": {"name": "Ada", "address": {"city": "Oulu"}}, "n": 1})
    assert made.parts == {"who.name": 1, "who.address.city": 0, "who.address.zip": 1, "n": 1}
    assert made.value == 0.75
    assert made.feedback == 'Wrong fields: who.address.city (expected "Turku", got "Oulu").'


def test_missing_and_surplus_fields_count() -> None:
    """A missing field is wrong, and so is a surplus one unless the option says otherwise; null is neither."""
    gold, got = {"a": 1, "b": 2}, {"a": 1, "c": 3, "d": None}
    made = compare(gold, got)
    assert made.value == pytest.approx(1 / 3)
    assert made.feedback == "Missing fields: b (expected 2). Fields that should not be there: c."
    assert compare(gold, got, extra="ignore").value == 0.5


def test_structure_that_differs_is_wrong() -> None:
    """A text for an object, or an object for a text, is one wrong field."""
    assert compare({"a": {"b": 1}}, {"a": "b"}).value == 0
    inner = compare({"a": "b"}, {"a": {"b": 1}})
    assert inner.value == 0
    assert "a (expected" in inner.feedback
    assert compare({"a": 1}, [1]).feedback == "Expected a JSON object, got [1]."
    assert compare([1, 2], [2, 1]).parts == {"value": 1}
    assert compare({}, {}).value == 1


def test_weights_and_ignored_fields() -> None:
    """A field can weigh more, or not count."""
    gold, got = {"a": 1, "b": 2, "note": "x"}, {"a": 1, "b": 3, "note": "y"}
    fields = {"a": {"weight": 3}, "note": "ignore"}
    made = compare(gold, got, fields=fields)
    assert made.value == 0.75
    assert set(made.parts) == {"a", "b"}


@pytest.mark.parametrize(
    "text", ["{", "NaN", '{"a": NaN}', "[" * 5000, '{"a":' * 300 + "1" + "}" * 300, "{'a': 1}"]
)
def test_unreadable_json_is_worth_nothing(text: str) -> None:
    """A text that is not JSON, or is nested without end, is worth 0 with feedback."""
    made = graded("json_fields", '{"a":1}', text, kind="json")
    assert made.value == 0
    assert made.feedback.startswith("The answer is not valid JSON")


def test_unreadable_gold_is_an_error() -> None:
    """A right answer that is not JSON is an error of the data."""
    with pytest.raises(MetricError, match="example e1: its right answer is not valid JSON"):
        value("json_fields", "{", "{}", kind="json")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-05-03", date(2024, 5, 3)),
        ("2024/5/3 10:00", date(2024, 5, 3)),
        ("3.5.2024", date(2024, 5, 3)),
        ("03. 05. 2024", date(2024, 5, 3)),
        ("May 3rd, 2024", date(2024, 5, 3)),
        ("Friday, 3 May 2024", date(2024, 5, 3)),
        ("3rd of sept. 2024", date(2024, 9, 3)),
        ("13/5/2024", date(2024, 5, 13)),
        ("5/13/2024", date(2024, 5, 13)),
        ("5/5/2024", date(2024, 5, 5)),
        ("5/3/2024", None),
        ("31.2.2024", None),
        ("2024-13-01", None),
        ("٣/٥/٢٠٢٤", None),
        ("tomorrow", None),
        ("", None),
        ("1" * 100_000, None),
    ],
)
def test_dates(text: str, day: date | None) -> None:
    """A date is read in its usual forms, and not if it could be one of two."""
    assert date_in(text) == day
