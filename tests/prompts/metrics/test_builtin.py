"""The metrics that a task names: their options, their fit, their columns and their titles."""

import builtins
from typing import Any, get_args

import pytest
from metric_making import example, settings
from task_making import TEXT, YES_NO, task

from transfer_prompting.prompts.errors import MetricError
from transfer_prompting.prompts.metrics import translation
from transfer_prompting.prompts.metrics.builtin import (
    check_example,
    check_metric,
    columns_of,
    default_metric,
    grade,
    title,
)
from transfer_prompting.prompts.metrics.grade import Output
from transfer_prompting.prompts.metrics.registry import METRICS
from transfer_prompting.prompts.metrics.settings import MetricSettings
from transfer_prompting.prompts.task import AnswerFormat, AnswerType


def form(kind: AnswerType) -> AnswerFormat:
    return task(kind, ("a", "b") if kind == "label" else ()).answer


@pytest.mark.parametrize(
    ("written", "kind", "message"),
    [
        ("tokenf1", "text", "Did you mean token_f1"),
        ("Exact", "text", "Did you mean exact"),
        ("zzz", "text", "Built in are: exact, squad_exact"),
        (
            {"use": "number", "tolerence": 1},
            "number",
            "tolerence = 1: there is no such key. Did you mean tolerance",
        ),
        ({"use": "number", "tolerance": -1}, "number", "greater than or equal to 0"),
        ({"use": "number", "tolerance": float("nan")}, "number", "finite"),
        ({"use": "length"}, "text", "it needs min, max or both"),
        ({"use": "length", "min": 5, "max": 3}, "text", "min = 5 is above max = 3"),
        ({"use": "regex", "pattern": "(a"}, "text", "it is no regular expression: missing"),
        ({"use": "regex"}, "text", "pattern is missing"),
        ({"use": "not_contains", "values": []}, "text", "at least 1 item"),
        ({"use": "contains", "values": [""]}, "text", "at least 1 character"),
        ({"use": "json_fields", "fields": {"a": "nummer"}}, "json", "fields.a.by = 'nummer'"),
        (
            {"use": "json_fields", "fields": {"a": {"by": "text", "tolerance": 1}}},
            "json",
            "a tolerance belongs to",
        ),
        (
            {"use": "json_fields", "fields": {"a": {"by": "date", "relative": 1}}},
            "json",
            "relative belongs to",
        ),
        ({"use": "bleu", "tokenize": "flores101"}, "text", "'13a'"),
        ("set_f1", "number", 'does not fit answers of type "number". It compares lists'),
        ("json_fields", "text", 'answer.type = "json"'),
        ("rouge_l", "json", '"json_fields" for JSON'),
        ("number", "list", "It compares numbers"),
        ("token_f1", "letter", '"exact" for letters'),
        ("metrics.txt:my_metric", "text", "FILE.py:FUNCTION"),
        ("metrics.py:", "text", "FILE.py:FUNCTION"),
        ("metrics.py:my metric", "text", "FILE.py:FUNCTION"),
    ],
)
def test_metrics_that_cannot_be_used(written: Any, kind: AnswerType, message: str) -> None:
    """An unknown name, a wrong option or a wrong kind of answer is an error that says what to write."""
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        check_metric(MetricSettings.model_validate(written), form(kind))


def test_metrics_computed_elsewhere() -> None:
    """The judge and own functions are accepted by the check, have no columns, and cannot be graded here."""
    for use in ("judge", "metrics.py:my_metric"):
        named = settings(use)
        check_metric(named, form("raw"))
        check_example(named, TEXT, example(""))
        assert columns_of(named) == ()
        with pytest.raises(MetricError, match="is not built in"):
            grade(named, TEXT, example("x"), Output("x", "x"))


@pytest.mark.parametrize("kind", [kind for kind in get_args(AnswerType) if kind != "raw"])
def test_default_metric_fits(kind: AnswerType) -> None:
    """Each kind of answer has a usual metric that fits it, except the raw reply."""
    check_metric(default_metric(kind), form(kind))


def test_raw_replies_have_no_default_metric() -> None:
    """A task of raw replies must name its metric."""
    with pytest.raises(MetricError, match="must name its metric"):
        default_metric("raw")


def test_titles() -> None:
    """A metric has the name that readers know, unless the user has given one."""
    assert title(settings("exact"), "label") == "accuracy"
    assert title(settings("exact"), "list") == "exact match"
    assert title(settings("rouge_l"), "text") == "ROUGE-L"
    assert title(settings("chrf", word_order=2), "text") == "chrF++"
    assert title(settings("token_f1", name="overlap"), "text") == "overlap"
    assert title(settings("metrics.py:my_metric"), "text") == "my_metric"
    assert title(settings("judge"), "text") == "judge"
    titles = [metric.title for metric in METRICS.values()]
    assert len(set(titles)) == len(titles)


def test_columns() -> None:
    """A metric says which columns it reads."""
    assert columns_of(settings("exact")) == ()
    assert columns_of(settings("token_f1", gold="answers.text")) == ("answers.text",)
    assert columns_of(settings("instructions", ids="meta.ids", kwargs="meta.args")) == (
        "meta.ids",
        "meta.args",
    )


@pytest.mark.parametrize(
    ("columns", "path", "text"),
    [
        ({"answers": {"text": ["the sea", "a lake"]}}, "answers.text", "a lake"),
        ({"answers": [{"text": "the sea"}, {"text": "a lake"}, {"n": 1}]}, "answers.text", "a lake"),
        ({"turns": [{"content": "x"}, {"content": "a lake"}]}, "turns.1.content", "a lake"),
        ({"a.b": "a lake"}, "a.b", "a lake"),
        ({"n": 12}, "n", "12"),
        ({"n": True}, "n", "true"),
    ],
)
def test_golds_in_columns(columns: dict[str, Any], path: str, text: str) -> None:
    """A path leads into objects and lists; a list holds several right answers."""
    asked = example("", **columns)
    check_example(settings("exact", gold=path), TEXT, asked)
    assert grade(settings("exact", gold=path), TEXT, asked, Output(text, text)).value == 1


def test_lists_in_columns_are_one_answer_of_a_list_task() -> None:
    """In a task of lists, a list in a column is one right answer."""
    asked = example("", tags=["é", "b"])
    made = grade(settings("set_f1", gold="tags"), task("list"), asked, Output("", '["b","é"]'))
    assert made.value == 1


@pytest.mark.parametrize("path", ["nothing", "n.m", "turns.9", "turns.x", "empty"])
def test_missing_columns_are_errors(path: str) -> None:
    """A right answer that is not there is an error that names the example and its columns."""
    asked = example("", n=1, turns=["a"], empty=None)
    with pytest.raises(
        MetricError, match=f"example e1: there is nothing in column '{path}'. Its columns: n, turns"
    ):
        check_example(settings("exact", gold=path), TEXT, asked)


def test_examples_without_a_right_answer() -> None:
    """A metric that compares needs a right answer: without one there is no value."""
    for name in ("exact", "rouge_1", "contains"):
        with pytest.raises(MetricError, match="example e1: it has no right answer to compare with"):
            grade(settings(name), TEXT, example(""), Output("x", "x"))
    check_example(settings("contains", values=["x"]), TEXT, example(""))
    with pytest.raises(MetricError, match="is not a number"):
        check_example(settings("number"), TEXT, example("many"))
    with pytest.raises(MetricError, match="not valid JSON"):
        check_example(settings("json_fields"), task("json"), example("{"))


def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without sacrebleu, its metrics are an error that gives the command to install it."""
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("sacrebleu"):
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    translation._sacrebleu.cache_clear()
    with pytest.raises(MetricError, match=r"pip install 'transfer-prompting\[metrics\]'"):
        check_metric(settings("chrf"), form("text"))


def test_raw_reply_is_the_text() -> None:
    """In a task of raw replies the metrics look at the reply, or at what follows its marker."""
    raw = task("raw")
    output = Output("Well.\n#### the sea", "the sea")
    assert grade(settings("squad_exact"), raw, example("the sea"), output).value == 0
    marked = raw.model_copy(update={"answer": AnswerFormat(type="raw", marker="####")})
    assert grade(settings("squad_exact"), marked, example("the sea"), output).value == 1


def test_items_of_lists_are_lines_for_texts() -> None:
    """A metric of texts sees the items of a list as lines."""
    made = grade(settings("length", unit="lines", max=2), task("list"), example(""), Output("", '["a","b"]'))
    assert made.value == 1


def test_labels_are_compared_as_labels() -> None:
    """The usual metric of labels is the comparison of labels."""
    assert grade(default_metric("label"), YES_NO, example("yes"), Output("Yes", "yes")).value == 1
