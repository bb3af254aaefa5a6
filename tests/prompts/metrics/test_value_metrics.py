"""Metrics that compare values: numbers, lists and the kinds of answer themselves."""

import pytest
from metric_making import example, graded, settings, value
from task_making import YES_NO

from transfer_prompting.prompts.errors import MetricError
from transfer_prompting.prompts.metrics.builtin import grade
from transfer_prompting.prompts.metrics.grade import Output


def test_exact_compares_as_the_kind_does() -> None:
    """Numbers are compared by value, texts without case and final punctuation."""
    assert value("exact", "12.50", "12.5", kind="number") == 1
    assert value("exact", "New York", "new  york.") == 1
    wrong = graded("exact", "12", "13", kind="number")
    assert (wrong.value, wrong.feedback) == (0, 'Expected "12", got "13".')


def test_exact_by_a_column() -> None:
    """A column can hold the right answers."""
    asked = example("yes", verdict=["no", "No."])
    made = grade(settings("exact", gold="verdict"), YES_NO, asked, Output("no", "no"))
    assert made.value == 1


@pytest.mark.parametrize(
    ("gold", "text", "options", "expected"),
    [
        ("100", "100.0", {}, 1),
        ("100", "101", {}, 0),
        ("100", "101", {"tolerance": 1}, 1),
        ("100", "101", {"relative": 0.01}, 1),
        ("100", "98.9", {"relative": 0.01}, 0),
        ("100", "110", {"zero_at": 20}, 0.5),
        ("100", "110", {"tolerance": 5, "zero_at": 20}, 0.75),
        ("100", "200", {"zero_at": 20}, 0),
        ("0.3", "0.1", {"tolerance": 0.2}, 1),
        ("-5", "5", {"relative": 1}, 0),
    ],
)
def test_number(gold: str, text: str, options: dict[str, float], expected: float) -> None:
    """A number is right within a tolerance, absolute or relative, and then worth less the further it is."""
    assert value("number", gold, text, kind="number", **options) == pytest.approx(expected)


def test_number_in_a_text() -> None:
    """In a text, the number is read as an answer is; the feedback says in which direction it is wrong."""
    assert value("number", "1200", "$1,200") == 1
    assert graded("number", "1200", "about 900 kg").feedback == "Expected 1200, got 900, which is too low."
    assert graded("number", "1200", "many").feedback == '"many" is not a number.'


def test_number_needs_a_numeric_gold() -> None:
    """A right answer that is no number is an error of the data."""
    with pytest.raises(MetricError, match='example e1: its right answer "many" is not a number'):
        value("number", "many", "3")


@pytest.mark.parametrize(
    ("gold", "text", "f1", "jaccard"),
    [
        ('["a","b","c"]', '["b","c","d"]', 2 / 3, 0.5),
        ('["a"]', '["A "]', 1, 1),
        ("[]", "[]", 1, 1),
        ('["a"]', "[]", 0, 0),
        ("[]", '["a"]', 0, 0),
        ("[1,2]", '["2","1"]', 1, 1),
        ('["a","a","b"]', '["a","b"]', 1, 1),
    ],
)
def test_sets(gold: str, text: str, f1: float, jaccard: float) -> None:
    """The items of lists are compared as sets of words."""
    assert value("set_f1", gold, text, kind="list") == pytest.approx(f1)
    assert value("jaccard", gold, text, kind="list") == pytest.approx(jaccard)


def test_sets_feedback() -> None:
    """The feedback names missing and surplus items; the parts are precision and recall."""
    made = graded("set_f1", '["billing","refund"]', '["billing","praise","spam"]', kind="list")
    assert made.feedback == 'Missing: "refund". Wrongly there: "praise", "spam".'
    assert made.parts == {"precision": pytest.approx(1 / 3), "recall": 0.5}
