"""All built-in metrics: any text in, a value in [0, 1] out."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metric_making import ROUGH, example
from metric_making import settings as metric
from task_making import task

from transfer_prompting.prompts.metrics.builtin import grade
from transfer_prompting.prompts.metrics.grade import Grade, Output
from transfer_prompting.prompts.metrics.registry import METRICS
from transfer_prompting.prompts.task import AnswerType

OPTIONS: dict[str, dict[str, Any]] = {
    "json_fields": {"fields": {"a": "date", "b": {"by": "number", "relative": 0.1}, "a.b": "token_f1"}},
    "not_contains": {"values": ["sorry", "e"]},
    "number": {"relative": 0.1, "zero_at": 5},
    "regex": {"pattern": r"\b\w+\s\w"},
    "length": {"min": 3, "max": 9},
}
GOLDS = {"json_fields": '{"a":"2024-05-03","b":1.5,"c":["x",null]}', "set_f1": '["x","y"]', "number": "12.5"}
KINDS: dict[str, AnswerType] = {
    "json_fields": "json",
    "set_f1": "list",
    "jaccard": "list",
    "number": "number",
}
INSTRUCTIONS = {
    "instruction_id_list": ["punctuation:no_comma", "detectable_format:title", "language:response_language"],
    "kwargs": [{}, None, {"language": "ja"}],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["a", "b", "c"]), inner),
)


def made(name: str, gold: str, text: str) -> Grade:
    asked = example(gold, **INSTRUCTIONS)
    return grade(
        metric(name, **OPTIONS.get(name, {})), task(KINDS.get(name, "text")), asked, Output(text, text)
    )


def check(grade_: Grade) -> None:
    assert all(0 <= value <= 1 for value in (grade_.value, *grade_.parts.values()))
    assert bool(grade_.feedback) == (grade_.value < 1)
    assert len(grade_.feedback) < 3000
    assert "\n" not in grade_.feedback
    assert "\x1b" not in grade_.feedback


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("text", ROUGH, ids=range(len(ROUGH)))
def test_rough_texts(name: str, text: str) -> None:
    """Rough outputs get a value in [0, 1], and feedback on one line whenever it is below 1."""
    check(made(name, GOLDS.get(name, "The right answer"), text))


@pytest.mark.parametrize("name", METRICS)
@settings(max_examples=60, deadline=None)
@given(text=st.text(), gold=st.text().filter(lambda text: text.strip() != ""))
def test_any_text(name: str, text: str, gold: str) -> None:
    """Any text against any right answer gets a value in [0, 1]."""
    if name in ("number", "json_fields"):
        gold = GOLDS[name]
    check(made(name, gold, text))


@settings(max_examples=150, deadline=None)
@given(text=JSON, gold=JSON)
def test_any_json(text: object, gold: object) -> None:
    """Any JSON value against any other gets a value in [0, 1], and 1 against itself."""
    from transfer_prompting.prompts.metrics.json_values import as_text, json_value

    one, other = as_text([text])[1:-1], as_text([gold])[1:-1]
    try:
        json_value(other)
    except ValueError:
        return
    check(made("json_fields", other, one))
    assert made("json_fields", other, other).value == 1


@pytest.mark.parametrize("name", [name for name in METRICS if METRICS[name].options.model_fields.get("gold")])
@settings(max_examples=60, deadline=None)
@given(gold=st.text().filter(lambda text: text.strip() != ""))
def test_right_answer_is_worth_one(name: str, gold: str) -> None:
    """The right answer itself is worth 1."""
    gold = GOLDS[name] if name in ("number", "json_fields") else gold
    assert made(name, gold, gold).value == 1
