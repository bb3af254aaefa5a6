"""No reply raises an error, every answer is canonical, and hostile replies cost no more than their length."""

import json
import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from output_reading import ASKED, SCHEMA, TAGS, demanding
from task_making import PROPERTY

from transfer_prompting.prompts.reading.answers import is_right, read_output
from transfer_prompting.prompts.reading.json_schema import fits
from transfer_prompting.prompts.reading.kinds import KINDS, read_answer
from transfer_prompting.prompts.task import Task

TASKS = {
    "label": demanding("label", labels=("yes", "no")),
    "letter": demanding("letter"),
    "number": demanding("number", "reason, then answer"),
    "text": demanding("text"),
    "tags": demanding("list", labels=TAGS),
    "tags, stated": demanding("list", "answer+confidence", labels=TAGS),
    "list": demanding("list", "reason, then answer"),
    "json": demanding("json"),
    "json, stated": demanding("json", "answer+confidence"),
    "schema": demanding("json", json_schema=SCHEMA),
    "raw": demanding("raw"),
    "marked": demanding("number", marker="####"),
    "marked list": demanding("list", marker="Tags:"),
    "pattern": demanding("text", pattern=r"<a>(.*?)</a>"),
}
WORDS = """
Answer: Confidence: Tags: #### sports politics food, drink none and or not weather , ; | / #sports
- * 1. 2) • ** ` " ' “ ” [ ] { } : {"name": "x", "count": 1} ["sports"] {"tags": // /* */ # True None
\\ud800 \\boxed{21} <think> </think> <a> </a> <|im_end|> <|channel|> final ```json ``` \ufeff \u200b \ud800 é
漢 the is are no NaN 1e999 9 0.5
"""
PIECES = st.sampled_from([*WORDS.split(), "\n", " ", "\n\n", "\n- ", ": "])
ANY = st.one_of(
    st.text(), st.lists(PIECES, max_size=25).map("".join), st.lists(PIECES, max_size=25).map(" ".join)
)


@settings(PROPERTY, max_examples=500)
@given(ANY, st.sampled_from(sorted(TASKS)), st.booleans())
def test_any_reply(text: str, name: str, cut: bool) -> None:
    """No reply raises an error; an answer can be stored, and reading it again gives the same answer."""
    task = TASKS[name]
    for reply in (text, f"Answer: {text}\nConfidence: 90", f"Tags: {text}"):
        reading, output = read_output(reply, task, ASKED, cut=cut)
        assert output.answer == reading.answer
        assert not (reading.followed and reading.answer is None)
        if reading.answer is not None:
            reading.answer.encode()
            _check_answer(reading.answer, task)


def _check_answer(answer: str, task: Task) -> None:
    same = KINDS[task.answer.type].same
    again = read_answer(answer, task, ASKED)
    assert same(answer, answer)
    if task.answer.type in ("list", "json"):
        assert again == answer
    if task.answer.type == "list":
        items = json.loads(answer)
        assert items == sorted(set(items))
        assert not task.answer.labels or set(items) <= set(task.answer.labels)
    if task.answer.json_schema:
        assert fits(task.answer.json_schema, json.loads(answer))


@settings(PROPERTY, max_examples=200)
@given(ANY, ANY, st.sampled_from(sorted(TASKS)))
def test_any_gold(text: str, gold: str, name: str) -> None:
    """Comparing any answer with any right answer raises no error."""
    task = TASKS[name]
    asked = ASKED.model_copy(update={"answer": gold})
    is_right(read_output(text, task, asked)[0].answer, task, asked)


UNITS = [
    "a, ", "- a\n", "#a ", "• a ", "/", "a and ", "1. a ", "Tags: ", "tags are ", "[1] ", '["a", ', '{"a":1}',
    "[/*", "#### ", "Answer: a\n", "\n", "<a>", '"', "confidence: 90 ", "sports, ", "not a, ",
]  # fmt: skip


@pytest.mark.parametrize("name", ["tags", "list", "schema", "marked", "marked list", "pattern"])
def test_work_is_linear(name: str) -> None:
    """A reply of twice the length costs about twice the calls, whatever it repeats."""
    for unit in UNITS:
        short, long = (_calls(unit * (length // len(unit)), TASKS[name]) for length in (5_000, 10_000))
        assert long <= 2.5 * short + 2_000, unit


def _calls(text: str, task: Task) -> int:
    """Return the number of calls of functions that reading a reply takes."""
    count = 0

    def counted(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        read_output(text, task, ASKED)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("unit", ["[1] ", "/", "- a\n", '{"name": "x", "count": 1}', "#### ", "Tags: "])
def test_long_replies(unit: str) -> None:
    """A reply of 200,000 characters is read, so the test ends."""
    for name in ("tags", "schema", "marked list"):
        read_output(unit * (200_000 // len(unit)), TASKS[name], ASKED)
